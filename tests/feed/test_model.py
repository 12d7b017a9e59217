"""Feed against a simple model of it: whatever happens in whatever order, everybody's every list is what it ought to be.

Hypothesis draws what happens. As a part of all tests it plays the same EXAMPLES histories of STEPS steps each time, in
less than 40 seconds. `MODEL_STEPS=5000 .venv/bin/pytest tests/feed/test_model.py` plays so many steps, of new histories
each time; with `MODEL_SHRINK=1` besides, it looks for the shortest history that goes wrong, which takes minutes.
"""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.chassis.own_valkey import OwnValkey
from tests.conftest import Start
from tests.feed.comparing import Comparing
from tests.feed.conftest import Handles
from tests.feed.elsewhere import BEGINS, GROUP, NTH, PERSON, Elsewhere
from tests.feed.living import Play
from tests.feed.playing import PEOPLE, SORTS, TAGS, WORDS, Said

STEPS = 50
EXAMPLES = 5
# Of many followers, whose posts are merged into homes when those are read.
MANY = 3
EVERY = 5

TAG = st.integers(0, len(TAGS) - 1)
SAID = st.builds(Said, st.integers(0, len(WORDS) - 1), st.integers(-1, len(TAGS) - 1), st.integers(-1, PEOPLE - 1))


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers, own_valkey: OwnValkey) -> World:
    return await start(SERVICE, answers, redis_url=own_valkey.url, merge_at_read_followers=MANY)


@pytest.fixture(scope="module")
async def loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


class Machine(Elsewhere):
    """One history. Hypothesis is not asynchronous: each step runs the loop in which the service lives."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    world: ClassVar[World]
    valkey: ClassVar[OwnValkey]
    handles: ClassVar[Handles]

    def __init__(self) -> None:
        super().__init__()
        self.play = self.run(Play.begun(self.world, self.handles))
        self.run(self.play.warm_up())
        self.comparing = Comparing(self.play)
        self.turn = 0

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 30))

    def step(self, work: Coroutine[Any, Any, None]) -> None:
        """Lets something happen, and waits until it is dealt with."""
        self.run(work)
        self.run(self.play.settled())

    def teardown(self) -> None:
        try:
            self.run(self.play.regain_cache(self.valkey))
        finally:
            self.run(self.play.ended())

    @invariant()
    def every_list_is_right(self) -> None:
        """The homes of two after each step, and all that somebody can list after every few."""
        self.turn += 1
        for reader in (self.turn % PEOPLE, (self.turn + PEOPLE // 2) % PEOPLE):
            self.run(self.comparing.compare_home(reader))
        if self.turn % EVERY == 0:
            self.run(self.comparing.compare(self.turn // EVERY % PEOPLE, self.turn // EVERY))

    @rule(author=PERSON, said=SAID, kinds=st.integers(0, 3), sort=st.sampled_from(["", "", "poll", "announcement"]))
    def post(self, author: int, said: Said, kinds: int, sort: str) -> None:
        self.step(self.play.post(author, said, kinds=kinds, group=-1, sort=sort))

    @rule(author=PERSON, said=SAID, group=GROUP)
    def post_in_group(self, author: int, said: Said, group: int) -> None:
        self.step(self.play.post(author, said, kinds=0, group=group, sort=""))

    @rule(author=PERSON, nth=NTH, said=SAID)
    def reply(self, author: int, nth: int, said: Said) -> None:
        self.step(self.play.reply(author, nth, said))

    @rule(author=PERSON, nth=NTH, said=st.none() | SAID)
    def reshare(self, author: int, nth: int, said: Said | None) -> None:
        self.step(self.play.reshare(author, nth, said))

    @rule(author=PERSON, nth=NTH)
    def undo_reshare(self, author: int, nth: int) -> None:
        self.step(self.play.undo_reshare(author, nth))

    @rule(author=PERSON, nth=NTH, said=SAID)
    def edit(self, author: int, nth: int, said: Said) -> None:
        self.step(self.play.edit(author, nth, said))

    @rule(author=PERSON, nth=NTH)
    def delete(self, author: int, nth: int) -> None:
        self.step(self.play.delete(author, nth))

    @rule(person=PERSON, nth=NTH, sort=st.integers(-1, len(SORTS) - 1))
    def react(self, person: int, nth: int, sort: int) -> None:
        self.step(self.play.react(person, nth, sort))

    @rule(person=PERSON, nth=NTH, place=st.integers(0, 1))
    def vote(self, person: int, nth: int, place: int) -> None:
        self.step(self.play.vote(person, nth, place))

    @rule(person=PERSON, nth=NTH, begins=BEGINS)
    def bookmark(self, person: int, nth: int, begins: bool) -> None:
        self.step(self.play.bookmark(person, nth, begins=begins))

    @rule(one=PERSON, other=PERSON, begins=BEGINS)
    def follow(self, one: int, other: int, begins: bool) -> None:
        self.step(self.play.follow(one, other, begins=begins))

    @rule(person=PERSON, tag=TAG, begins=BEGINS)
    def follow_tag(self, person: int, tag: int, begins: bool) -> None:
        self.step(self.play.follow_tag(person, tag, begins=begins))

    @rule(person=PERSON, group=GROUP, begins=BEGINS)
    def follow_group(self, person: int, group: int, begins: bool) -> None:
        self.step(self.play.follow_group(person, group, begins=begins))

    @rule(one=PERSON, other=PERSON, begins=BEGINS)
    def block(self, one: int, other: int, begins: bool) -> None:
        self.step(self.play.block(one, other, begins=begins))

    @rule(one=PERSON, other=PERSON, begins=BEGINS)
    def mute(self, one: int, other: int, begins: bool) -> None:
        self.step(self.play.mute(one, other, begins=begins))

    @rule(person=PERSON, tag=TAG, begins=BEGINS)
    def mute_tag(self, person: int, tag: int, begins: bool) -> None:
        self.step(self.play.mute_tag(person, tag, begins=begins))

    @rule(person=PERSON, nth=NTH, begins=BEGINS)
    def mute_thread(self, person: int, nth: int, begins: bool) -> None:
        self.step(self.play.mute_thread(person, nth, begins=begins))

    @rule(person=PERSON, nth=NTH)
    def read(self, person: int, nth: int) -> None:
        self.step(self.play.read(person, nth))

    @rule(barred=st.booleans())
    def bar(self, barred: bool) -> None:
        self.step(self.play.bar(barred=barred))

    @rule(person=PERSON, active=st.sampled_from([True, True, False]))
    def suspend(self, person: int, active: bool) -> None:
        self.step(self.play.change_access(person, active=active))

    @rule(person=PERSON, kind=st.sampled_from(["EMPLOYEE", "EXTERNAL", "FREELANCER"]))
    def change_kind(self, person: int, kind: str) -> None:
        self.step(self.play.change_access(person, kind=kind))

    @rule(person=PERSON, segments=st.frozensets(st.sampled_from(["network", "retail"])))
    def change_segments(self, person: int, segments: frozenset[str]) -> None:
        self.step(self.play.change_access(person, segments=segments))

    @rule()
    def empty_cache(self) -> None:
        self.step(self.play.empty_cache())

    @precondition(lambda self: not self.play.cache_away)
    @rule()
    def lose_cache(self) -> None:
        self.step(self.play.lose_cache(self.valkey))

    @precondition(lambda self: self.play.cache_away)
    @rule()
    def regain_cache(self) -> None:
        self.step(self.play.regain_cache(self.valkey))


@pytest.mark.timeout(3600)
def test_every_list_is_what_a_simple_model_says(
    world: World, loop: asyncio.AbstractEventLoop, own_valkey: OwnValkey, handles: Handles
) -> None:
    Machine.world, Machine.loop, Machine.valkey, Machine.handles = world, loop, own_valkey, handles
    asked = int(os.environ.get("MODEL_STEPS", "0"))
    chosen = settings(
        max_examples=max(1, asked // STEPS) if asked else EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=not asked,
        deadline=None,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        phases=[Phase.generate, *([Phase.shrink] if "MODEL_SHRINK" in os.environ else [])],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=chosen)
