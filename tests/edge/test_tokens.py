"""Who comes in with which token."""

from collections.abc import Callable

import httpx
import pytest

from tests.edge.backends import Signer
from tests.edge.stack import Edge, error_of

REFUSED = (401, 16, "TOKEN_REFUSED")


async def test_the_keys_that_verify_tokens_are_public(edge: Edge, visitor: httpx.AsyncClient) -> None:
    response = await visitor.get("/.well-known/jwks.json")
    assert response.headers["content-type"] == "application/json"
    assert response.content == edge.signer.jwks


async def test_without_a_token_nothing_is_read(visitor: httpx.AsyncClient) -> None:
    response = await visitor.get("/v1/posts/1")
    assert error_of(response) == REFUSED
    assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(lambda signer: signer.token(seconds=-60), id="expired"),
        pytest.param(lambda signer: signer.token(key=signer.stranger), id="signed by a stranger"),
        pytest.param(lambda signer: signer.token(iss="https://elsewhere.example"), id="of another issuer"),
        pytest.param(lambda signer: signer.token(aud="feed"), id="for another audience"),
        pytest.param(lambda signer: signer.token(exp=None), id="without an end"),
        pytest.param(lambda signer: signer.token().rpartition(".")[0] + ".", id="unsigned"),
        pytest.param(lambda signer: "nonsense", id="nonsense"),
    ],
)
async def test_a_token_that_does_not_hold_is_refused(edge: Edge, token: Callable[[Signer], str]) -> None:
    async with edge.client(token=token(edge.signer)) as client:
        assert error_of(await client.get("/v1/posts/1")) == REFUSED


async def test_a_service_account_comes_in_and_is_limited_by_itself(edge: Edge) -> None:
    token = edge.signer.token(sub="serviceAccounts/1", scope="cards.write")
    async with edge.client(token=token) as account, edge.client() as person:
        statuses = [(await account.get("/v1/posts/1")).status_code for _ in range(32)]
        assert statuses[0] == 200
        assert statuses[-1] == 429
        assert (await person.get("/v1/posts/1")).status_code == 200


async def test_a_token_in_the_query_is_no_token(edge: Edge, visitor: httpx.AsyncClient) -> None:
    response = await visitor.get(f"/v1/posts/1?access_token={edge.signer.token()}")
    assert error_of(response) == REFUSED


async def test_an_expired_token_does_not_stand_in_the_way_of_signing_in(edge: Edge) -> None:
    async with edge.client(token=edge.signer.token(seconds=-60), address="127.0.0.2") as client:
        response = await client.post("/v1/sessions:signIn", json={"login": "ada", "password": "secret"})
    assert "accessToken" in response.json()
    assert "authorization" not in edge.seen.headers
