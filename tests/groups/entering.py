"""How people come into groups of any kind."""

import asyncio
from functools import partial

from tests.feed.caller import patiently
from tests.groups.caller import Caller


async def let_in(keeper: Caller, group: str, *people: Caller) -> None:
    """Invites people, who come in."""
    for person in people:
        await keeper.invite(group, person)
    await asyncio.gather(*(patiently(partial(person.come_in, group)) for person in people))
