"""Coming in with a password."""

import asyncio
import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from plein.identity.v1 import identity_pb2

from services.identity.rpc.tokens import SigningKeys
from tests.identity.house import PASSWORD, House, hours_pass, person_of, why

REFUSED = (grpc.StatusCode.UNAUTHENTICATED, "SIGN_IN_REFUSED")
BUSY = (grpc.StatusCode.UNAVAILABLE, "DATABASE_BUSY")
TOO_MUCH = (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_ATTEMPTS")


async def refusal_of(house: House, login: str, password: str) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.sign_in(login, password)
    return why(refusal)


@pytest.mark.parametrize("login", ["Daan", "@daan", "DAAN@telwiek.example", " daan@telwiek.example "])
async def test_people_come_in_with_their_handle_or_address(house: House, login: str) -> None:
    if not (await house.dump())["people"]:
        await house.hire("daan")
    tokens = await house.sign_in(login)
    assert (await house.person("people/me", caller=person_of(tokens))).handle == "daan"


async def test_the_access_token_says_who_where_and_with_which_roles(house: House) -> None:
    eva = await house.hire("eva", role="moderator")
    tokens = await house.sign_in("eva", device="Telephone")
    keys = await house.stub(None).GetKeys(identity_pb2.GetKeysRequest())
    decoded = jwt.decode(tokens.access_token, KeySet.import_key_set(json.loads(keys.data)), algorithms=["ES256"])
    assert (keys.content_type, decoded.header["typ"], decoded.header["kid"]) == ("application/json", "at+jwt", "people")
    claims = decoded.claims
    assert (claims["sub"], claims["aud"], claims["iss"]) == (eva.name, "plein", "https://plein.local")
    assert (claims["roles"], f"sessions/{claims['sid']}") == (["moderator"], tokens.session)
    assert (claims["exp"] - claims["iat"], tokens.access_expire_time.seconds) == (300, claims["exp"])
    assert tokens.refresh_expire_time.ToDatetime(UTC) > datetime.now(UTC) + timedelta(days=29)
    assert b"private" not in keys.data
    assert '"d"' not in keys.data.decode()


async def test_secrets_are_stored_as_hashes_only(house: House) -> None:
    fien = await house.hire("fien")
    tokens, link = await house.sign_in("fien"), await house.link(fien.name)
    stored = repr(await house.dump())
    for secret in (tokens.refresh_token, tokens.access_token, link, PASSWORD):
        assert secret not in stored
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in stored


async def test_a_wrong_password_a_wrong_name_and_a_suspended_person_are_refused_alike(house: House) -> None:
    gert = await house.hire("gert")
    await house.newcomer("genodigd")
    answers = [await refusal_of(house, login, "geen olifanten hier") for login in ("gert", "nobody", "genodigd")]
    await house.stub("operator").SuspendPerson(identity_pb2.SuspendPersonRequest(name=gert.name))
    answers.append(await refusal_of(house, "gert", PASSWORD))
    assert answers == [REFUSED] * 4


async def test_unknown_names_take_as_long_as_known_ones(house: House) -> None:
    await house.hire("henk")

    taken: dict[str, list[float]] = {"henk": [], "niemand.met.deze.naam": []}
    for _ in range(8):
        for login, seconds in taken.items():
            begun = time.perf_counter()
            await refusal_of(house, login, "geen olifanten hier")
            seconds.append(time.perf_counter() - begun)
    known, unknown = map(min, taken.values())
    assert 0.5 < known / unknown < 2


@pytest.mark.parametrize("login", ["ineke", "niemand"])
async def test_ten_wrong_passwords_close_the_door_for_known_and_unknown_names(house: House, login: str) -> None:
    ineke = await house.hire("ineke", personnel_number="ineke")
    for _ in range(10):
        assert await refusal_of(house, login, "geen olifanten hier") == REFUSED
    for name in {login, f"{login}@telwiek.example" if login == "ineke" else login}:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await house.sign_in(name)
        assert why(refusal) == TOO_MUCH
    await hours_pass(house, 0.25)
    if login == "ineke":
        assert (await house.sign_in(login)).person == ineke.name


async def test_coming_in_forgets_wrong_passwords(house: House) -> None:
    await house.hire("joke")
    for _ in range(2):
        for _ in range(9):
            assert await refusal_of(house, "joke", "geen olifanten hier") == REFUSED
        await house.sign_in("joke")


async def test_of_fifty_guesses_at_once_ten_are_compared(house: House) -> None:
    await house.hire("kees")
    answers = await asyncio.gather(*(refusal_of(house, "kees", f"geen {number} olifanten") for number in range(50)))
    assert answers.count(REFUSED) == 10
    assert set(answers) - {REFUSED} <= {TOO_MUCH, BUSY}


async def test_names_that_look_like_sql_are_just_wrong(house: House) -> None:
    for login in ("' OR 1=1 --", "x@y.z'; DROP TABLE people;--", "%", "_"):
        assert await refusal_of(house, login, "x") == REFUSED


def test_a_new_signing_key_is_shown_at_once_and_signs_when_all_had_time_to_fetch_it(tmp_path: Path) -> None:
    def key(name: str, age_seconds: float) -> None:
        file = tmp_path / f"{name}.pem"
        file.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
        os.utime(file, (time.time() - age_seconds,) * 2)

    key("only", 0)
    assert SigningKeys(tmp_path).signing().kid == "only"
    key("older", 9000)
    key("settled", 130)
    key("fresh", 10)
    keys = SigningKeys(tmp_path)
    assert keys.signing().kid == "settled"
    assert {public["kid"] for public in json.loads(keys.public())["keys"]} == {"only", "older", "settled", "fresh"}


def test_without_a_signing_key_identity_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="SIGNING_KEYS_DIR"):
        SigningKeys(tmp_path)
