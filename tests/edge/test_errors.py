"""Every error over JSON is a google.rpc.Status, whoever makes it; and what is broken is said to be."""

import asyncio

import httpx
import pytest

from tests.edge.stack import START_SECONDS, Edge, error_of


async def test_a_problem_of_a_service_arrives_whole(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/posts/missing")
    assert error_of(response) == (404, 5, "POST_NOT_FOUND")
    assert response.json()["message"] == "As the service says."
    assert error_of(await api.get("/v1/posts/late")) == (504, 4, "TOO_SLOW")


@pytest.mark.parametrize(
    ("verb", "path"), [("GET", "/v1/nothing"), ("POST", "/v1/nothing"), ("PUT", "/v1/posts/1"), ("GET", "/v1/")]
)
async def test_an_unknown_address_is_not_found(api: httpx.AsyncClient, verb: str, path: str) -> None:
    assert error_of(await api.request(verb, path)) == (404, 5, "NO_SUCH_ADDRESS")


async def test_an_unknown_parameter_is_refused_by_name(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/posts/1?nope=1")
    assert error_of(response) == (400, 3, "BAD_REQUEST")
    assert '"nope"' in response.json()["message"]


@pytest.mark.parametrize("path", ["/v1/posts/a%2Fb", "/v1/posts/a%5Cb", "/v1/posts/%00"])
async def test_a_path_that_can_be_read_two_ways_is_refused(api: httpx.AsyncClient, path: str) -> None:
    assert error_of(await api.get(path)) == (400, 3, "BAD_REQUEST")


async def test_a_sick_service_answers_at_once_and_shows_in_the_health_of_the_edge(
    edge: Edge, api: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    assert (await visitor.get("/healthz")).status_code == 200
    await edge.profile.serving(False)
    await edge.until("/healthz", 503)
    async with asyncio.timeout(0.5):
        assert error_of(await api.get("/v1/profiles/1/photos/2")) == (503, 14, "SERVICE_AWAY")
    assert (await api.get("/v1/posts/1")).status_code == 200
    await edge.profile.serving(True)
    await edge.until("/healthz", 200)
    assert (await api.get("/v1/profiles/1/photos/2")).status_code == 200


async def test_the_log_tells_what_happened_and_not_who(edge: Edge, api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/posts/secret-id?name=posts/secret-query")
    request_id = response.headers["x-request-id"]
    async with asyncio.timeout(START_SECONDS), edge.client(address="127.0.0.5") as another:
        while request_id not in edge.log:
            await another.get("/echo")
    assert '"path":"/plein.feed.v1.FeedService/GetPost"' in edge.log
    assert not [word for word in ("secret", "Bearer", "people/", "127.0.0.1") if word in edge.log]
