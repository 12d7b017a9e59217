"""Who comes in: on which token, and on what identity told since it was signed."""

import base64
import time
from typing import Any
from uuid import uuid4

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from plein.chassis.v1 import access_pb2
from plein.feed.v1 import feed_pb2, feed_pb2_grpc

from chassis import viewer
from chassis.access import Access
from chassis.calls import Admission
from chassis.problems import NotSignedIn, Unavailable
from chassis.testing import Person, World
from chassis.viewer import PEOPLE_AUDIENCE, TOKEN_TYPE, ServiceSigner, Verifier
from tests.chassis.small_feed import POST, service
from tests.conftest import Start
from tests.feed.caller import Refusal, refused

PEOPLE = access_pb2.Access(person=True)


@pytest.fixture(scope="module")
async def world(start: Start) -> World:
    return await start(service([]))


@pytest.fixture(scope="module")
async def ada(world: World) -> Person:
    return await world.person("ada")


async def test_a_good_token_comes_in(world: World, ada: Person) -> None:
    assert (await answered(world, signed(world, ada))).author == ada.name


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "elsewhere"},
        {"aud": ["plein"]},
        {"iss": "https://elsewhere.example"},
        {"sub": "people/ada"},
        {"sid": None},
        {"aep": "now"},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_claim_stays_out(world: World, ada: Person, claims: dict[str, Any]) -> None:
    assert (await refusal(world, signed(world, ada, claims))).reason == "TOKEN_REFUSED"


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -1), ("iat", 3600)])
async def test_a_token_from_another_time_stays_out(world: World, ada: Person, claim: str, seconds: int) -> None:
    token = signed(world, ada, {claim: int(time.time()) + seconds})
    assert (await refusal(world, token)).reason == "TOKEN_REFUSED"


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "aep", "iat", "exp"])
async def test_a_token_that_lacks_a_claim_stays_out(world: World, ada: Person, claim: str) -> None:
    claims = {name: value for name, value in person_claims(world, ada).items() if name != claim}
    assert (await refusal(world, encoded(claims, world.secrets.people_key))).reason == "TOKEN_REFUSED"


async def test_a_token_of_another_type_stays_out(world: World, ada: Person) -> None:
    for kind in ("JWT", "id+jwt", ""):
        token = encoded(person_claims(world, ada), world.secrets.people_key, typ=kind)
        assert (await refusal(world, token)).reason == "TOKEN_REFUSED"


async def test_a_token_that_was_tampered_with_stays_out(world: World, ada: Person) -> None:
    header, _, signature = signed(world, ada).split(".")
    _, promoted, _ = signed(world, ada, {"roles": ["ADMINISTRATOR"]}).split(".")
    assert (await refusal(world, f"{header}.{promoted}.{signature}")).reason == "TOKEN_REFUSED"


async def test_a_token_that_nobody_signed_stays_out(world: World, ada: Person) -> None:
    payload = part(person_claims(world, ada))
    for algorithm in ("none", "None", "HS256"):
        header = part({"alg": algorithm, "typ": TOKEN_TYPE, "kid": "people"})
        assert (await refusal(world, f"{header}.{payload}.")).reason == "TOKEN_REFUSED"


async def test_a_token_that_a_stranger_signed_stays_out(world: World, ada: Person) -> None:
    stranger = ECKey.generate_key("P-256")
    for key_id in ("people", "unheard-of"):
        token = encoded(person_claims(world, ada), stranger, kid=key_id)
        assert (await refusal(world, token)).reason == "TOKEN_REFUSED"


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "..", "W10.W10.", "bnVsbA.bnVsbA.x"])
async def test_what_is_no_token_stays_out(world: World, token: str) -> None:
    assert (await refusal(world, token)).reason == "TOKEN_REFUSED"


async def test_a_services_token_is_good_for_one_other_service(world: World) -> None:
    signer = ServiceSigner("operator", world.secrets.folder / "operator.pem")
    assert await imported(world, signer.token("feed")) == feed_pb2.ImportActivityResponse()
    assert (await refused(imported(world, signer.token("identity")))).reason == "TOKEN_REFUSED"


async def test_a_service_that_nobody_knows_stays_out(world: World) -> None:
    key = ECKey.generate_key("P-256")
    (world.secrets.folder / "stranger.pem").write_bytes(key.as_pem(private=True))
    signer = ServiceSigner("stranger", world.secrets.folder / "stranger.pem")
    assert (await refused(imported(world, signer.token("feed")))).reason == "TOKEN_REFUSED"


async def test_a_service_cannot_call_itself_by_anothers_name(world: World) -> None:
    posing = ServiceSigner("operator", world.secrets.folder / "web.pem")
    assert (await refused(imported(world, posing.token("feed")))).reason == "TOKEN_REFUSED"
    claims = person_claims(world, Person(uuid4(), "web", "")) | {"iss": "services/operator", "aud": "feed"}
    key = ECKey.import_key((world.secrets.folder / "web.pem").read_bytes())
    assert (await refused(imported(world, encoded(claims, key, kid="web")))).reason == "TOKEN_REFUSED"


async def test_a_service_cannot_make_a_person(world: World, ada: Person) -> None:
    key = ECKey.import_key((world.secrets.folder / "web.pem").read_bytes())
    for claims in (person_claims(world, ada), person_claims(world, ada) | {"iss": "services/web"}):
        assert (await refusal(world, encoded(claims, key, kid="web"))).reason == "TOKEN_REFUSED"


async def test_people_and_other_services_are_not_admitted_where_only_one_service_is(world: World, ada: Person) -> None:
    web = ServiceSigner("web", world.secrets.folder / "web.pem")
    for token in (ada.token, web.token("feed")):
        refused_with = await refused(imported(world, token))
        assert (refused_with.code, refused_with.reason) == ("PERMISSION_DENIED", "NOT_YOUR_ROLE")


async def test_a_session_ends_at_once_when_identity_says_so(world: World) -> None:
    bob = await world.person("bob")
    assert (await answered(world, bob.token)).author == bob.name
    await world.access(bob, epoch=1)
    assert (await refusal(world, bob.token)).reason == "SESSION_ENDED"
    renewed = signed(world, bob, {"aep": 1})
    assert (await answered(world, renewed)).author == bob.name
    await world.access(bob, active=False, epoch=1)
    assert (await refusal(world, renewed)).reason == "SESSION_ENDED"


async def test_while_identity_is_silent_only_young_tokens_come_in(world: World, ada: Person) -> None:
    access = await replica(world, silent_seconds=16)
    await admit(world, access, signed(world, ada, {"iat": int(time.time()) - 20}))
    assert viewer.person() == ada.id
    with pytest.raises(Unavailable) as refused_with:
        await admit(world, access, signed(world, ada, {"iat": int(time.time()) - 40}))
    assert refused_with.value.reason == "ACCESS_UNCERTAIN"


async def test_while_identity_talks_old_tokens_come_in(world: World, ada: Person) -> None:
    access = await replica(world, silent_seconds=5)
    await admit(world, access, signed(world, ada, {"iat": int(time.time()) - 3000}))
    assert viewer.person() == ada.id


async def test_whose_session_ended_stays_out_also_while_identity_is_silent(world: World) -> None:
    eve = await world.person("eve")
    await world.access(eve, epoch=1)
    with pytest.raises(NotSignedIn):
        await admit(world, await replica(world, silent_seconds=3600), signed(world, eve))


async def test_somebody_new_comes_in_before_identity_told_and_not_for_long(world: World) -> None:
    access = await replica(world, silent_seconds=0)
    new = Person(uuid4(), "new", "")
    await admit(world, access, signed(world, new))
    assert viewer.person() == new.id
    with pytest.raises(Unavailable):
        await admit(world, access, signed(world, new, {"iat": int(time.time()) - 40}))


async def replica(world: World, silent_seconds: float) -> Access:
    """What the service knows about people when identity has been silent for so long."""
    access = Access()
    await access.refresh(world.server.resources.database)
    access.heard_at = time.monotonic() - silent_seconds
    return access


async def admit(world: World, access: Access, token: str) -> None:
    async def keys() -> KeySet:
        return KeySet([world.secrets.people_key])

    settings = world.server.settings
    verifier = Verifier("feed", settings.issuer, settings.service_jwks_file, keys)
    await Admission(verifier, access).admit(f"Bearer {token}", PEOPLE)


def person_claims(world: World, person: Person) -> dict[str, Any]:
    now = int(time.time())
    claims = {"iss": world.server.settings.issuer, "aud": PEOPLE_AUDIENCE, "sub": person.name, "sid": str(uuid4())}
    return claims | {"roles": [], "aep": 0, "iat": now, "exp": now + 600}


def signed(world: World, person: Person, claims: dict[str, Any] | None = None) -> str:
    """A token of identity's, good but for these claims."""
    return encoded(person_claims(world, person) | (claims or {}), world.secrets.people_key)


def encoded(claims: dict[str, Any], key: ECKey, *, typ: str = TOKEN_TYPE, kid: str = "people") -> str:
    return jwt.encode({"alg": "ES256", "typ": typ, "kid": kid}, claims, key)


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()


def asked(world: World, token: str) -> Any:
    """A call of a method that is for people."""
    api: Any = feed_pb2_grpc.FeedServiceStub(world.channel(None))
    return api.GetPost(feed_pb2.GetPostRequest(name=POST), metadata=[("authorization", f"Bearer {token}")])


async def answered(world: World, token: str) -> feed_pb2.Post:
    post: feed_pb2.Post = await asked(world, token)
    return post


async def refusal(world: World, token: str) -> Refusal:
    """How a person's call with the token is refused: as not signed in."""
    heard = await refused(asked(world, token))
    assert heard.code == "UNAUTHENTICATED"
    return heard


def imported(world: World, token: str) -> Any:
    """A call of a method that is for the operator alone."""
    api: Any = feed_pb2_grpc.FeedServiceStub(world.channel(None))
    return api.ImportActivity(iter([feed_pb2.ImportActivityRequest()]), metadata=[("authorization", f"Bearer {token}")])
