"""What groups, blog and moderation tell, as rules of the machine that plays with feed."""

from collections.abc import Coroutine
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.feed.living import Play
from tests.feed.playing import GROUPS, PEOPLE
from tests.feed.publishing import BLOGS

PERSON = st.integers(0, PEOPLE - 1)
GROUP = st.integers(0, GROUPS - 1)
NTH = st.integers(0, 20)
BEGINS = st.sampled_from([True, True, False])
SOMEBODY = st.integers(-1, PEOPLE - 1)
SOME = st.lists(PERSON, max_size=3, unique=True)
NO_GROUP = st.integers(-1, GROUPS - 1)
BLOG = st.integers(0, BLOGS - 1)
DECISION = st.sampled_from(["Hidden", "Removed", "Restored"])


class Elsewhere(RuleBasedStateMachine):
    """The part of a history that happens in other services."""

    play: Play

    def step(self, work: Coroutine[Any, Any, None]) -> None:
        """Lets something happen, and waits until it is dealt with."""
        raise NotImplementedError

    @rule(person=PERSON, group=GROUP, with_history=st.booleans(), keeps=st.booleans(), admitted_by=SOMEBODY)
    def join(self, person: int, group: int, with_history: bool, keeps: bool, admitted_by: int) -> None:
        joined = self.play.join(person, group, with_history=with_history, keeps=keeps, admitted_by=admitted_by)
        self.step(joined)

    @rule(person=PERSON, group=GROUP, how=st.sampled_from(["left", "suspended", "removed", "banned"]))
    def part(self, person: int, group: int, how: str) -> None:
        self.step(self.play.part(person, group, how))

    @rule(person=PERSON, group=GROUP, keeps=st.booleans())
    def appoint(self, person: int, group: int, keeps: bool) -> None:
        self.step(self.play.appoint(person, group, keeps=keeps))

    @rule(group=GROUP, archived=st.booleans())
    def archive(self, group: int, archived: bool) -> None:
        self.step(self.play.archive(group, archived=archived))

    @rule(group=GROUP, closed=st.booleans())
    def close(self, group: int, closed: bool) -> None:
        self.step(self.play.close(group) if closed else self.play.reopen(group))

    @rule(person=PERSON, group=GROUP, begins=BEGINS)
    def ask(self, person: int, group: int, begins: bool) -> None:
        self.step(self.play.ask(person, group, begins=begins))

    @rule(inviter=PERSON, person=PERSON, group=GROUP, begins=BEGINS)
    def invite(self, inviter: int, person: int, group: int, begins: bool) -> None:
        self.step(self.play.invite(inviter, person, group, begins=begins))

    @rule(organiser=PERSON, group=GROUP)
    def gather(self, organiser: int, group: int) -> None:
        self.step(self.play.gather(organiser, group))

    @rule(nth=NTH)
    def cancel(self, nth: int) -> None:
        self.step(self.play.cancel(nth))

    @rule(person=PERSON, group=GROUP, begins=BEGINS)
    def mute_group(self, person: int, group: int, begins: bool) -> None:
        self.step(self.play.mute_group(person, group, begins=begins))

    @rule(author=PERSON, blog=BLOG, kinds=st.integers(0, 3), group=NO_GROUP, mentioned=SOME, told=SOME)
    def publish(self, author: int, blog: int, kinds: int, group: int, mentioned: list[int], told: list[int]) -> None:
        self.step(self.play.publish(author, blog, kinds=kinds, group=group, mentioned=mentioned, told=told))

    @rule(nth=NTH, mentioned=SOME)
    def publish_again(self, nth: int, mentioned: list[int]) -> None:
        self.step(self.play.publish_again(nth, mentioned))

    @rule(nth=NTH, mentioned=SOME)
    def mention_in_article(self, nth: int, mentioned: list[int]) -> None:
        self.step(self.play.mention_in_article(nth, mentioned))

    @rule(nth=NTH, kinds=st.integers(0, 3), group=NO_GROUP)
    def change_readers(self, nth: int, kinds: int, group: int) -> None:
        self.step(self.play.change_readers(nth, kinds, group))

    @rule(nth=NTH)
    def withdraw(self, nth: int) -> None:
        self.step(self.play.withdraw(nth))

    @rule(author=PERSON, nth=NTH, above=st.integers(-1, 3), mentioned=SOME)
    def comment(self, author: int, nth: int, above: int, mentioned: list[int]) -> None:
        self.step(self.play.comment(author, nth, above, mentioned))

    @rule(nth=NTH, mentioned=SOME)
    def mention_in_comment(self, nth: int, mentioned: list[int]) -> None:
        self.step(self.play.mention_in_comment(nth, mentioned))

    @rule(nth=NTH)
    def delete_comment(self, nth: int) -> None:
        self.step(self.play.delete_comment(nth))

    @rule(nth=NTH)
    def answer(self, nth: int) -> None:
        self.step(self.play.answer(nth))

    @rule(nth=NTH, decision=DECISION)
    def moderate(self, nth: int, decision: str) -> None:
        self.step(self.play.moderate(nth, decision))

    @rule(sort=st.sampled_from(["article", "comment", "blog"]), nth=NTH, decision=DECISION)
    def moderate_in_blog(self, sort: str, nth: int, decision: str) -> None:
        self.step(self.play.moderate_in_blog(sort, nth, decision))

    @rule(person=PERSON, decision=DECISION, photo=st.booleans())
    def moderate_profile(self, person: int, decision: str, photo: bool) -> None:
        self.step(self.play.moderate_profile(person, decision, photo=photo))

    @rule(person=PERSON, nth=NTH, warned=st.booleans())
    def decide(self, person: int, nth: int, warned: bool) -> None:
        self.step(self.play.rule(person, nth, warned=warned))

    @rule(person=PERSON, nth=NTH)
    def undo_decision(self, person: int, nth: int) -> None:
        self.step(self.play.undo_decision(person, nth))

    @rule(person=PERSON)
    def decide_appeal(self, person: int) -> None:
        self.step(self.play.rule_on_appeal(person))

    @rule(person=PERSON, begins=st.booleans())
    def silence(self, person: int, begins: bool) -> None:
        self.step(self.play.silence(person, begins=begins))
