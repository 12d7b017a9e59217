"""The API over JSON."""

import httpx
import pytest

from tests.edge.stack import ORIGIN, Edge, error_of

POSTS = "/v1/posts"


async def test_a_person_reads_a_post(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/posts/1")
    assert response.status_code == 200
    assert response.json()["name"] == "posts/1"


async def test_a_list_stands_in_the_query(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/people:batchGet?names=people/ada&names=people/grace")
    assert response.json() == {"people": [{"name": "people/ada"}, {"name": "people/grace"}]}


async def test_an_update_says_in_the_query_what_changes(api: httpx.AsyncClient) -> None:
    response = await api.patch("/v1/profiles/me?updateMask=headline,about", json={"headline": "Hallo"})
    assert response.json() == {"name": "profiles/me", "headline": "headline,about"}


async def test_a_body_cannot_name_another_resource_than_the_path(api: httpx.AsyncClient) -> None:
    response = await api.patch("/v1/profiles/me", json={"name": "profiles/you"})
    assert error_of(response) == (400, 3, "BAD_REQUEST")


async def test_a_photo_arrives_as_itself(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/profiles/1/photos/2")
    assert response.headers["content-type"] == "image/webp"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.content == b"webp" * 1000


async def test_a_file_goes_up_as_itself(api: httpx.AsyncClient) -> None:
    request = "7d0c4c9e-3b0a-4a54-9d0a-0d3c2a7d3c11"
    file = bytes(range(256)) * 20_000
    response = await api.post(f"/v1/images?requestId={request}", content=file, headers={"content-type": "image/png"})
    assert response.json()["name"] == f"{request} image/png {len(file)}"


async def test_a_service_says_how_long_a_browser_keeps_an_image(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/images/1/sizes/small")
    assert response.headers["cache-control"] == "private, max-age=60"
    assert response.content == b"images/1/sizes/small"


async def test_a_mail_program_unsubscribes_in_one_click(edge: Edge) -> None:
    """RFC 8058: a POST with a form, of one of two types, and without signing in."""
    url = "/v1/digest:unsubscribe?token=abc"
    async with edge.client(token="") as program:
        asked = await program.get(url)
        clicked = await program.post(url, data={"List-Unsubscribe": "One-Click"})
        by_parts = await program.post(url, files={"List-Unsubscribe": (None, "One-Click")})
    assert (asked.status_code, asked.text) == (200, "abc")
    assert (clicked.status_code, clicked.text) == (200, "abc List-Unsubscribe=One-Click")
    assert (by_parts.status_code, "One-Click" in by_parts.text) == (200, True)
    assert clicked.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_stream_arrives_as_server_sent_events(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/clock:tick")
    assert response.headers["content-type"] == "text/event-stream"
    assert "content-encoding" not in response.headers
    assert response.text == "".join(f'data: "1970-01-01T00:00:0{second}Z"\n\n' for second in range(3))


@pytest.mark.parametrize("encoding", ["gzip", "br"])
async def test_long_answers_are_compressed(api: httpx.AsyncClient, encoding: str) -> None:
    request = api.build_request("GET", "/v1/posts/1", headers={"accept-encoding": encoding})
    response = await api.send(request, stream=True)
    sent = b"".join([piece async for piece in response.aiter_raw()])
    assert response.headers["content-encoding"] == encoding
    assert len(sent) < 500


async def test_services_see_neither_cookies_nor_what_only_the_edge_may_say(edge: Edge, api: httpx.AsyncClient) -> None:
    forged = {
        "x-plein-person": "people/1",
        "x-user-id": "1",
        "x-forwarded-for": "192.0.2.99",
        "x-envoy-internal": "true",
    }
    assert (await api.get("/v1/posts/1", headers={"cookie": "session=1", **forged})).status_code == 200
    assert not {"cookie", "x-plein-person", "x-user-id", "x-envoy-internal"}.intersection(edge.seen.headers)
    assert "192.0.2.99" not in edge.seen.headers["x-forwarded-for"]
    assert edge.seen.headers["authorization"] == api.headers["authorization"]


async def test_services_get_the_deadline_of_the_edge(edge: Edge, api: httpx.AsyncClient) -> None:
    await api.get("/v1/posts/1", headers={"grpc-timeout": "1H"})
    assert edge.seen.seconds_left is not None
    assert 9 < edge.seen.seconds_left <= 9.9


async def test_reads_are_tried_again(edge: Edge, api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/posts/flaky")).status_code == 200
    assert edge.seen.calls["posts/flaky"] == 3


async def test_writes_are_not_tried_again(edge: Edge, api: httpx.AsyncClient) -> None:
    edge.seen.calls.clear()
    assert (await api.post(POSTS, json={"post": {"text": "flaky"}})).status_code == 503
    assert edge.seen.calls["CreatePost"] == 1


async def test_a_site_that_is_named_may_use_the_api(visitor: httpx.AsyncClient, api: httpx.AsyncClient) -> None:
    asked = {"origin": ORIGIN, "access-control-request-method": "POST"}
    allowed = await visitor.options(POSTS, headers=asked)
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    response = await api.get("/v1/posts/1", headers={"origin": ORIGIN})
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "origin" in response.headers["vary"]


async def test_other_sites_may_not_use_the_api(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/posts/1", headers={"origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("path", ["/v1/posts", "/plein.feed.v1.FeedService/GetPost"])
async def test_grpc_has_a_port_of_its_own(api: httpx.AsyncClient, path: str) -> None:
    response = await api.post(path, content=bytes(5), headers={"content-type": "application/grpc+proto"})
    assert response.headers["grpc-status"] == "7"
    assert response.headers["grpc-message"] == "RBAC: access denied"


@pytest.mark.parametrize("method", ["feed.v1.FeedService/GetPost", "identity.v1.IdentityService/ResolveHandles"])
async def test_a_method_is_not_reached_by_its_own_name(edge: Edge, api: httpx.AsyncClient, method: str) -> None:
    edge.seen.calls.clear()
    response = await api.post(f"/plein.{method}", json={}, headers={"x-envoy-original-path": "/v1/posts"})
    assert (response.status_code, response.text) == (404, "Not Found")  # as the pages say it
    assert not edge.seen.calls


async def test_a_file_that_is_streamed_arrives_as_one_file(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/articles/1/consultation:export?format=EXPORT_FORMAT_CSV")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.content == b'"a","b"\r\n"0","data: "\r\n"1","data: "\r\n"2","data: "\r\n'


async def test_a_program_that_reads_gets_what_it_does_not_have(edge: Edge) -> None:
    url = "/v1/articles:atom?token=abc"
    async with edge.client(token="") as program:
        first = await program.get(url)
        unchanged = await program.get(url, headers={"if-none-match": first.headers["etag"].removeprefix("W/")})
        by_time = await program.get(url, headers={"if-modified-since": first.headers["last-modified"]})
        # The connection still is in step with what was sent over it.
        again = await program.get(url)
    assert (first.status_code, first.text[:10]) == (200, "abc<feed/>")
    assert first.headers["content-type"] == "application/atom+xml; charset=utf-8"
    for answer in (unchanged, by_time):
        assert (answer.status_code, answer.content) == (304, b"")
        assert (answer.headers["etag"], answer.headers["content-length"]) == ('"one"', "1403")
        assert not {"content-type", "x-not-modified"} & set(answer.headers)
    assert again.content == first.content
