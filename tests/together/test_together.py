"""Several services together against one simple model: whatever people do, nobody finds what is not for them.

Groups, feed, blog and moderation run beside each other and follow each other's own logs. As a part of all tests it
plays the same EXAMPLES histories of STEPS steps each time, in less than 30 seconds. With `MODEL_STEPS=2000` it plays
so many steps, of new histories each time; with `MODEL_SHRINK=1` besides, it looks for the shortest history that goes
wrong.
"""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.feed.playing import PEOPLE, TAGS, WORDS, Said
from tests.together.comparing import ComparingAll
from tests.together.conftest import Handles, Worlds
from tests.together.judging import Judging

STEPS = 15
EXAMPLES = 2

PERSON = st.integers(0, PEOPLE - 1)
GROUP = st.integers(0, 2)
NTH = st.integers(0, 20)
SAID = st.builds(Said, st.integers(0, len(WORDS) - 1), st.integers(-1, len(TAGS) - 1), st.integers(-1, PEOPLE - 1))


@pytest.fixture(scope="module")
async def loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


class Machine(RuleBasedStateMachine):
    """One history. Hypothesis is not asynchronous: each step runs the loop in which the services live."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    worlds: ClassVar[Worlds]
    handles: ClassVar[Handles]

    def __init__(self) -> None:
        super().__init__()
        self.play: Judging = self.run(Judging.met(self.worlds, self.handles))
        self.comparing = ComparingAll(self.play)
        self.turn = 0
        self.run(self.play.warm_up())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 30))

    def step(self, work: Coroutine[Any, Any, None]) -> None:
        """Lets something happen, and waits until all services have heard of it."""
        self.run(work)
        self.run(self.play.settled())

    def teardown(self) -> None:
        self.run(self.play.ended())

    @invariant()
    def everything_is_right(self) -> None:
        """Everything that one of them can list, another one each time."""
        self.run(self.comparing.compare(self.turn % PEOPLE, self.turn))
        self.turn += 1

    @rule(person=PERSON, visibility=st.sampled_from(["OPEN", "CLOSED", "SECRET"]), since_joining=st.booleans())
    def found(self, person: int, visibility: str, since_joining: bool) -> None:
        self.step(self.play.found(person, visibility, since_joining=since_joining))

    @rule(person=PERSON, group=GROUP)
    def enter(self, person: int, group: int) -> None:
        self.step(self.play.enter(person, group))

    @rule(person=PERSON, group=GROUP)
    def enter_too(self, person: int, group: int) -> None:
        self.step(self.play.enter(person, group))

    @rule(person=PERSON, group=GROUP, how=st.sampled_from(["left", "removed", "banned"]))
    def go(self, person: int, group: int, how: str) -> None:
        self.step(self.play.go(person, group, how))

    @rule(group=GROUP, archived=st.booleans())
    def archive(self, group: int, archived: bool) -> None:
        self.step(self.play.close_or_open(group, archived=archived))

    @rule(group=GROUP, deleted=st.booleans())
    def delete_group(self, group: int, deleted: bool) -> None:
        self.step(self.play.delete_or_bring_back(group, deleted=deleted))

    @rule(group=GROUP, since_joining=st.booleans())
    def change_history(self, group: int, since_joining: bool) -> None:
        self.step(self.play.change_history(group, since_joining=since_joining))

    @rule(person=PERSON, group=GROUP)
    def follow_group(self, person: int, group: int) -> None:
        self.step(self.play.follow_group(person, group, begins=True))

    @rule(author=PERSON, said=SAID)
    def post(self, author: int, said: Said) -> None:
        self.step(self.play.post(author, said, kinds=0, group=-1, sort=""))

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
    def delete(self, author: int, nth: int) -> None:
        self.step(self.play.delete(author, nth))

    @rule(author=PERSON, group=GROUP, with_group=st.booleans())
    def write(self, author: int, group: int, with_group: bool) -> None:
        self.step(self.play.write(author, group, with_group=with_group))

    @rule(nth=NTH)
    def unpublish(self, nth: int) -> None:
        self.step(self.play.unpublish(nth))

    @rule(author=PERSON, nth=NTH, above=st.integers(-1, 3))
    def talk(self, author: int, nth: int, above: int) -> None:
        self.step(self.play.talk(author, nth, above))

    @rule(
        reporter=PERSON, nth=NTH, verdict=st.sampled_from(["HIDE", "HIDE", "REMOVE", "NO_ACTION"]), mutes=st.booleans()
    )
    def report(self, reporter: int, nth: int, verdict: str, mutes: bool) -> None:
        self.step(self.play.report(reporter, nth, verdict, mutes=mutes))

    @rule(nth=NTH, upheld=st.booleans())
    def appeal(self, nth: int, upheld: bool) -> None:
        self.step(self.play.appeal(nth, upheld=upheld))

    @rule(nth=NTH)
    def undo(self, nth: int) -> None:
        self.step(self.play.undo(nth))


@pytest.mark.timeout(3600)
def test_nobody_finds_anywhere_what_is_not_for_them(
    worlds: Worlds, loop: asyncio.AbstractEventLoop, handles: Handles
) -> None:
    Machine.worlds, Machine.loop, Machine.handles = worlds, loop, handles
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
