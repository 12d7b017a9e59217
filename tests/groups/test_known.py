"""Who knows of a group: the clause agrees with an oracle that says the rules once more, in all cases that there are."""

import itertools
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from chassis.ids import new_id
from chassis.testing import World
from services.groups.domain.entering import Invitation
from services.groups.domain.groups import Group, History, JoinRule, Visibility
from services.groups.domain.members import Member, Role
from services.groups.store import entering, groups, members, visible
from tests.groups.caller import Meet
from tests.groups.telling import looked_at

NOW = datetime(2026, 11, 26, tzinfo=UTC)


class Case(NamedTuple):
    """How a group is, and how the viewer stands to it."""

    visibility: Visibility
    segments: tuple[str, ...]
    withdrawn: str
    role: Role | None
    suspended: bool
    invited: bool

    def is_known(self, blocked: frozenset[str]) -> bool:
        """The rules as `groups.proto` tells them."""
        if self.withdrawn == "removed":
            return False
        member = self.role is not None and not self.suspended
        if self.withdrawn in ("hidden", "deleted"):
            return member and self.role is Role.OWNER
        everyone = self.visibility is not Visibility.SECRET and blocked.isdisjoint(self.segments)
        return member or everyone or self.invited

    def group(self) -> Group:
        deleted = NOW if self.withdrawn == "deleted" else None
        rule = JoinRule(segments=self.segments)
        group = Group(new_id(), "Group", "", self.visibility, History.ALL, rule, None, NOW, NOW, delete_time=deleted)
        return group.judged(hidden=self.withdrawn == "hidden", removed=self.withdrawn == "removed")


CASES = [
    Case(*parts)
    for parts in itertools.product(
        Visibility,
        [(), ("network",)],
        ["", "hidden", "removed", "deleted"],
        [None, *Role],
        [False, True],
        [False, True],
    )
]


async def test_a_group_is_known_to_those_of_whom_the_rules_say_so(world: World, meet: Meet) -> None:
    (ada,) = await meet("ada")
    (bob,) = await meet("bob", segments=["retail"])
    (eve,) = await meet("eve", segments=["network"])
    await world.bar(("network", "retail"))
    await looked_at(world)
    for viewer, blocked in ((ada, frozenset[str]()), (bob, frozenset({"network"})), (eve, frozenset({"retail"}))):
        sight = world.server.resources.access.sight(viewer.id)
        assert sight.blocked == blocked
        made = await made_for(world, viewer.id)
        async with world.server.resources.database.snapshot() as tx:
            known = await visible.visible_groups(tx, sight, list(made))
            assert not await visible.visible_groups(tx, world.server.resources.access.sight(new_id()), list(made))
        wrong = {case for id_, case in made.items() if (id_ in known) is not case.is_known(blocked)}
        assert wrong == set()
        assert all(seen.standing.role is made[id_].role for id_, seen in known.items())
    await world.bar()


async def made_for(world: World, viewer: UUID) -> dict[UUID, Case]:
    """A group for each case; somebody else owns none of them, which does not matter here."""
    made = {}
    async with world.server.resources.database.transaction() as tx:
        for case in CASES:
            group = case.group()
            made[group.id] = case
            await groups.add(tx, group)
            if case.role is not None:
                await members.add(tx, Member(group.id, viewer, case.role, NOW, case.suspended))
            if case.invited:
                await entering.invite(tx, Invitation(group.id, viewer, new_id(), NOW))
    return made
