"""What goes to the pages, and stays as they made it."""

import httpx

from tests.edge.stack import Edge


async def test_a_page_is_compressed_and_keeps_its_etag(visitor: httpx.AsyncClient) -> None:
    response = await visitor.get("/", headers={"accept-encoding": "br"})
    assert response.headers["content-encoding"] == "br"
    assert response.headers["etag"] == 'W/"one"'


async def test_pages_get_their_cookies_over_http_1(visitor: httpx.AsyncClient) -> None:
    response = await visitor.get("/echo?q=1", headers={"cookie": "session=1", "x-plein-person": "people/1"})
    assert response.json()["version"] == "1.1"
    assert response.json()["headers"]["cookie"] == "session=1"
    assert "x-plein-person" not in response.json()["headers"]


async def test_an_error_of_a_page_is_left_alone(visitor: httpx.AsyncClient) -> None:
    response = await visitor.get("/missing", headers={"accept": "text/html"})
    assert response.status_code == 404
    assert response.text == "<p>Deze bladzijde is er niet.</p>"


async def test_live_pages_are_not_compressed(visitor: httpx.AsyncClient) -> None:
    response = await visitor.get("/live")
    assert "content-encoding" not in response.headers
    assert response.text == "data: one\n\ndata: two\n\n"


async def test_the_health_of_the_edge_is_no_page(edge: Edge, visitor: httpx.AsyncClient) -> None:
    response = await visitor.get("/healthz")
    assert response.status_code == 200
    assert response.content == b""
