"""Processes are killed while people come into groups and leave: what was acknowledged stands, and feed knows it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import pytest

from deploy.stack import Stack
from tests.chaos.crowd import Crowd, empty_stack
from tests.chaos.faults import FAULTS, Fault, killed
from tests.chaos.logs import every, rows, wrong_logs
from tests.chaos.trial import SECONDS, all_of, right_again, stood

PEOPLE, OWNERS = 40, 4
BEFALLING: dict[str, Fault] = {"groups killed": killed("groups")}
BEFALLING |= {name: FAULTS[name] for name in ("feed killed", "postgres killed")}

# Each finds rows of groups that should not be there.
NONE_IN_GROUPS = {
    "G1 members are counted": """
        SELECT id FROM groups WHERE member_count <> (
            SELECT count(*) FROM members WHERE group_id = groups.id AND NOT suspended)""",
    "G2 every group has an owner": """
        SELECT id FROM groups WHERE NOT EXISTS (SELECT FROM members WHERE group_id = groups.id AND role = 3)""",
    "G3 a link admits as many as it says": "SELECT id FROM invite_links WHERE use_count > most_uses",
}
MEMBERS = "SELECT group_id::text, person::text FROM members WHERE NOT suspended"
REPLICA = "SELECT group_id::text, person::text FROM access.memberships WHERE active"


@dataclass
class Comings:
    """People who come and go, each one thing after the other; `standing` is what was acknowledged last."""

    crowd: Crowd
    http: httpx.AsyncClient
    groups: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    standing: dict[tuple[str, str], bool] = field(default_factory=dict)

    async def begin(self) -> None:
        """Each owner founds a group, with a link."""
        for owner in range(OWNERS):
            group = {"title": f"Group {owner}", "visibility": "GROUP_VISIBILITY_OPEN"}
            name = str((await self.crowd.ask(self.http, owner, "POST", "/v1/groups", group))["name"])
            link = await self.crowd.ask(self.http, owner, "POST", f"/v1/{name}/inviteLinks", {"mostUses": 1000})
            self.groups.append(name)
            self.links.append(str(link["secret"]))

    async def come_and_go(self, person: int, end: float, chance: Random) -> None:
        """Until a monotonic time; what was asked is asked until it is acknowledged."""
        while time.monotonic() < end:
            number = chance.randrange(OWNERS)
            group, inside = self.groups[number], (self.groups[number], self.crowd.names[person])
            match chance.randrange(3):
                case 0:
                    await self.crowd.ask(self.http, person, "POST", f"/v1/{group}:join", {})
                case 1:
                    used = {"secret": self.links[number]}
                    await self.crowd.ask(self.http, person, "POST", "/v1/inviteLinks:use", used)
                case _:
                    await self.crowd.ask(self.http, person, "POST", f"/v1/{group}:leave", {})
                    self.standing[inside] = False
                    continue
            self.standing[inside] = True


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with empty_stack() as started:
        yield started


@pytest.mark.parametrize("fault", BEFALLING)
async def test_who_is_in_a_group_is_what_was_acknowledged(stack: Stack, fault: str, crowd: Crowd) -> None:
    async with crowd.client() as http:
        comings = Comings(crowd, http)
        await comings.begin()
        end = time.monotonic() + SECONDS
        doing = (comings.come_and_go(one, end, Random(one)) for one in range(OWNERS, PEOPLE))
        await stood(stack, BEFALLING[fault], all_of(*doing))
        seconds = await right_again(lambda: wrongs(stack, comings))
    print(f"{fault}: {len(comings.standing)} memberships, all right after {seconds:.1f} s")


@pytest.fixture(scope="module")
async def crowd(stack: Stack) -> Crowd:
    made = Crowd(stack)
    await made.come_in(PEOPLE)
    return made


async def wrongs(stack: Stack, comings: Comings) -> dict[str, Any]:
    """What does not hold now."""
    wrong: dict[str, Any] = await wrong_logs(stack)
    wrong |= {name: found[:5] for name, found in (await every(stack, "groups", NONE_IN_GROUPS)).items() if found}
    members = {(f"groups/{group}", f"people/{person}") for group, person in await rows(stack, "groups", MEMBERS)}
    replica = {(f"groups/{group}", f"people/{person}") for group, person in await rows(stack, "feed", REPLICA)}
    if lost := [inside for inside, stands in comings.standing.items() if (inside in members) != stands]:
        wrong["G4 what was acknowledged stands"] = lost[:5]
    if unlike := members ^ replica:
        wrong["G5 feed knows who is a member"] = list(unlike)[:5]
    return wrong
