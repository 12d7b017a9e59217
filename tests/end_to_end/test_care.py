"""A report on its way through the whole stack: from whoever sees something, to those who decide, and back."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from plein.identity.v1 import identity_pb2, identity_pb2_grpc

from tests.end_to_end.conftest import Member, Whole

SECONDS = 2


@pytest.fixture(scope="module")
async def moderators(whole: Whole) -> tuple[Member, Member]:
    """Two, who were made so by whoever runs the stack."""
    neighbours = whole.stack.as_operator()
    api = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
    identity = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", api))
    for handle in ("fatima", "sanne"):
        name = whole.member(handle).name
        await identity.GrantRole(identity_pb2.GrantRoleRequest(name=name, role="moderator"))
    await neighbours.close()
    fatima, sanne = (whole.signed_in(handle) for handle in ("fatima", "sanne"))
    return fatima, sanne


def answered(member: Member, method: str, path: str, asked: Any = None) -> Any:
    answer = member.http.request(method, f"/v1/{path}", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def reported(author: Member, reporter: Member, moderator: Member) -> tuple[str, str]:
    """A new post, and the case about it, which the moderator took."""
    post = answered(author, "POST", "posts", {"post": {"text": "Jullie zijn allemaal sukkels"}})["name"]
    report = {"subject": post, "reason": "REPORT_REASON_HARASSMENT", "note": "Dit kwetst."}
    answered(reporter, "POST", "reports", report)
    cases = answered(moderator, "GET", f"cases?author={author.name}")["cases"]
    [case] = [case["name"] for case in cases if case["subject"] == post]
    answered(moderator, "POST", f"{case}:take", {})
    return post, case


def decide(moderator: Member, case: str, verdict: str, **fields: Any) -> None:
    reasons = {"reason": "REPORT_REASON_HARASSMENT", "explanation": "Zo praten we hier niet."}
    answered(moderator, "POST", f"{case}:decide", {"decision": {"verdict": f"VERDICT_{verdict}", **reasons, **fields}})


def soon(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Waits until something is so, which has to be in time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"It took longer than {seconds} seconds."


def test_a_removed_post_is_gone_until_the_appeal_brings_it_back(
    whole: Whole, moderators: tuple[Member, Member]
) -> None:
    fatima, sanne = moderators
    gerard, henk = whole.member("gerard.huisman"), whole.member("henk")
    post, case = reported(gerard, henk, fatima)
    file = answered(fatima, "POST", f"{case}:openFile", {})
    assert file["snapshots"][0]["text"] == file["current"]["text"] == "Jullie zijn allemaal sukkels"
    assert henk.name not in str(file)
    decide(fatima, case, "REMOVE")
    soon(lambda: henk.http.get(f"/v1/{post}").status_code == 404)
    soon(lambda: gerard.http.get(f"/v1/{post}").status_code == 404)
    statement = answered(gerard, "GET", f"{case}/statement")
    assert (statement["text"], statement["explanation"]) == (file["current"]["text"], "Zo praten we hier niet.")
    answered(gerard, "POST", f"{case}/statement:appeal", {"text": "Het was een grap."})
    answered(sanne, "POST", f"{case}:take", {})
    upheld = {"verdict": "VERDICT_NO_ACTION", "explanation": "Het was een grap."}
    answered(sanne, "POST", f"{case}:decideAppeal", {"decision": upheld})
    soon(lambda: henk.http.get(f"/v1/{post}").status_code == 200)
    soon(lambda: "REPORT_DECIDED" in str(answered(henk, "GET", "notifications")))
    kinds = str(answered(gerard, "GET", "notifications"))
    assert all(kind in kinds for kind in ("CONTENT_REMOVED", "CONTENT_RESTORED", "DECISION", "APPEAL_DECIDED"))


def test_who_is_mute_reads_and_does_not_speak(whole: Whole, moderators: tuple[Member, Member]) -> None:
    johan, henk = whole.member("johan.bruins"), whole.member("henk")
    _, case = reported(johan, henk, moderators[0])
    decide(moderators[0], case, "MUTE", period="86400s")
    asked = {"post": {"text": "Nog een keer"}}
    soon(lambda: johan.http.post("/v1/posts", json=asked).status_code == 400)
    assert johan.http.post("/v1/posts", json=asked).json()["details"][0]["reason"] == "MUTED"
    assert johan.http.get("/v1/timelines/home/posts").status_code == 200
    answered(moderators[0], "POST", f"{case}:undo", {"explanation": "Een vergissing."})
    soon(lambda: johan.http.post("/v1/posts", json=asked).status_code == 200)


def test_who_is_suspended_is_out_within_seconds(whole: Whole, moderators: tuple[Member, Member]) -> None:
    maaike, henk = whole.member("maaike.steenbergen"), whole.member("henk")
    _, case = reported(maaike, henk, moderators[0])
    decide(moderators[0], case, "SUSPEND", period="86400s")
    soon(lambda: maaike.http.get("/v1/sessions").status_code == 401, seconds=5)
    answered(moderators[0], "POST", f"{case}:undo", {"explanation": "Een vergissing."})
    soon(lambda: whole.http().post("/v1/sessions:signIn", json=SUSPENDED).status_code == 200, seconds=5)


SUSPENDED = {"login": "maaike.steenbergen", "password": "welkom-op-het-plein"}
