"""How much and how often one may ask. The limits of the plan are low here."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import httpx

from tests.edge.stack import Edge, error_of

MEBIBYTE = 1024 * 1024
OFTEN = (429, 8, "TOO_MANY_REQUESTS")


async def test_a_person_who_asks_too_often_waits_and_others_do_not(edge: Edge, api: httpx.AsyncClient) -> None:
    responses = [await api.get("/v1/posts/1") for _ in range(35)]
    assert [response.status_code for response in responses[:30]] == [200] * 30
    assert error_of(responses[-1]) == OFTEN
    assert responses[-1].headers["retry-after"] == "1"
    async with edge.client() as another:
        assert (await another.get("/v1/posts/1")).status_code == 200


async def test_an_address_that_asks_too_often_waits_and_others_do_not(edge: Edge, visitor: httpx.AsyncClient) -> None:
    async with edge.client(token="", address="127.0.0.3") as flooder:
        # However slow the machine is, it asks more often than the bucket fills.
        for _ in range(10):
            responses = await asyncio.gather(*(flooder.get("/v1/posts/1") for _ in range(100)))
            if responses[-1].status_code == 429:
                break
    statuses = Counter(response.status_code for response in responses)
    assert statuses[429]
    assert error_of(responses[-1]) == OFTEN
    assert (await visitor.get("/v1/posts/1")).status_code == 401


async def test_passwords_are_not_guessed_fast(edge: Edge) -> None:
    body = {"login": "ada", "password": "guess"}
    async with edge.client(token="", address="127.0.0.4") as guesser:
        responses = [await guesser.post("/v1/sessions:signIn", json=body) for _ in range(4)]
    assert [response.status_code for response in responses] == [200, 200, 200, 429]
    assert error_of(responses[-1]) == OFTEN
    assert responses[-1].headers["retry-after"] == "60"


async def test_passwords_are_not_guessed_fast_on_the_page_either(edge: Edge) -> None:
    async with edge.client(token="", address="127.0.0.7") as guesser:
        responses = [await guesser.post("/sign-in") for _ in range(4)]
    assert [response.status_code for response in responses] == [200, 200, 200, 429]


async def test_a_large_body_is_refused_before_it_is_sent(edge: Edge) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.plan.port)
    head = f"POST /v1/posts HTTP/1.1\r\nhost: plein\r\ncontent-length: {9 * MEBIBYTE}\r\n\r\n"
    writer.write(head.encode())
    assert await reader.readline() == b"HTTP/1.1 413 Payload Too Large\r\n"
    assert b"BODY_TOO_LARGE" in await reader.read()
    writer.close()


async def test_a_large_body_that_does_not_say_so_is_refused(api: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for size in (*[MEBIBYTE] * 8, 1):
            yield bytes(size)

    response = await api.post("/v1/posts", content=pieces())
    assert error_of(response) == (413, 8, "BODY_TOO_LARGE")


async def test_a_body_of_several_megabytes_is_taken(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/posts", json={"post": {"text": "x" * 2 * MEBIBYTE}})
    assert response.status_code == 200


async def test_large_headers_are_refused(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/posts/1", headers={"x-large": "x" * 17 * 1024})
    assert error_of(response) == (431, 3, "HEADERS_TOO_LARGE")


async def test_headers_that_others_read_differently_are_refused(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/posts/1", headers={"x_plein_person": "people/1"})
    assert error_of(response) == (400, 3, "BAD_REQUEST")
