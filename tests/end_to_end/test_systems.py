"""A system of the organisation tells of an outage, and people read of it."""

import hmac
import json
import time
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.conftest import Member, Whole


@pytest.fixture(scope="module")
def yusuf(whole: Whole) -> Member:
    """Who answers for the system, and administers Plein."""
    return whole.member("yusuf")


async def test_an_outage_that_is_posted_to_a_webhook_is_read_by_people(whole: Whole, yusuf: Member) -> None:
    await whole.make_administrator(yusuf)
    administrator, reader = whole.signed_in("yusuf"), whole.member("fatima")
    made = whole.plein("accounts", "create", "Monitoring", "--owner", "yusuf", "--scope", "cards.write").splitlines()
    account, secret = (line.split()[-1] for line in made)
    asked = {"incomingHook": {"title": "Alarms", "account": account}, "requestId": str(uuid4())}
    hook = _when_known(administrator.http, "/v1/incomingHooks", asked)
    path = hook["incomingHook"]["uri"].partition("/v1/")[2]
    event = {"key": "INC-1", "createOutage": {"title": "Glasvezel Delft", "severity": "OUTAGE_SEVERITY_CRITICAL"}}
    posted = _delivered(whole.http(), f"/v1/{path}", hook["secret"], event)
    assert posted.status_code == 200, posted.text
    card = reader.http.get(f"/v1/{posted.json()['post']}").json()["card"]
    assert (card["via"], card["outage"]["title"]) == ("Monitoring", "Glasvezel Delft")
    token = _when_known(whole.http(), "/v1/serviceAccounts:issueToken", {"clientId": account, "clientSecret": secret})[
        "accessToken"
    ]
    system = whole.http(headers={"authorization": f"Bearer {token}"})
    solved = {"state": "OUTAGE_STATE_SOLVED", "text": "Weer heel."}
    assert system.post(f"/v1/{posted.json()['post']}:addOutageUpdate", json=solved).status_code == 200
    listed = reader.http.get("/v1/cards", params={"outageStates": "OUTAGE_STATE_SOLVED"}).json()["posts"]
    assert posted.json()["post"] in [post["name"] for post in listed]
    whole.plein("accounts", "disable", account)
    deadline = time.monotonic() + 5
    while system.post(f"/v1/{posted.json()['post']}:addOutageUpdate", json={"text": "Nog?"}).status_code == 200:
        assert time.monotonic() < deadline
    assert _delivered(whole.http(), f"/v1/{path}", hook["secret"], event).status_code == 401


def _when_known(http: httpx.Client, path: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The answer as soon as every service has heard of the account."""
    deadline = time.monotonic() + 5
    while (answer := http.post(path, json=asked)).status_code != 200:
        assert time.monotonic() < deadline, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _delivered(http: httpx.Client, path: str, secret: str, event: dict[str, Any]) -> httpx.Response:
    body, seconds = json.dumps(event), int(time.time())
    digest = hmac.new(secret.encode(), f"{seconds}.{body}".encode(), sha256).hexdigest()
    headers = {"x-plein-signature": f"t={seconds},v1={digest}", "x-plein-delivery": str(uuid4())}
    return http.post(path, content=body, headers=headers | {"content-type": "application/json"})
