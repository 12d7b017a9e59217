"""Comments in worlds of chance, against a model of a few lines that knows no SQL."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from random import Random

import pytest
import sqlalchemy as sa
from plein.blog.v1 import comments_pb2

from chassis.ids import new_id
from chassis.testing import World
from services.blog.domain.comments import Comment, Order, Words, moment_of
from services.blog.store.comments import values
from services.blog.tables.comments import comments
from tests.blog.caller import Meet, refused
from tests.blog.talking import Talker, block, id_of, listing, page_by_page, published

SEGMENTS = ("", "network", "retail")
Apart = set[frozenset[str]]


@dataclass(frozen=True)
class Model:
    """Comments by their ids in the order of writing, and who is apart from whom."""

    said: dict[str, Comment]
    apart: Apart

    def meets(self, viewer: Talker, comment: Comment) -> bool:
        return frozenset({viewer.name, f"people/{comment.author}"}) not in self.apart

    def sees(self, viewer: Talker, comment: Comment) -> bool:
        top = self.said[f"comments/{comment.thread}"]
        return self.meets(viewer, comment) and self.meets(viewer, top) and comment.stands_for(viewer.id)

    def replies(self, viewer: Talker, top: Comment) -> list[str]:
        below = [one for one in self.said.values() if one.thread == top.id and one.reply_to]
        return [one.name for one in below if self.sees(viewer, one)]

    def threads(self, viewer: Talker, order: Order) -> list[str]:
        tops = [one for one in self.said.values() if not one.reply_to and self.meets(viewer, one)]
        seen = [one for one in tops if self.sees(viewer, one) or self.replies(viewer, one)]
        ordered = sorted(seen, key=lambda one: (self.rank(viewer, one, order), one.id))
        return [one.name for one in (ordered if order is Order.OLDEST else reversed(ordered))]

    def rank(self, viewer: Talker, top: Comment, order: Order) -> int:
        if order is Order.MOST_DISCUSSED:
            return len(self.replies(viewer, top))
        return int(order is Order.QUESTIONS_FIRST and top.question)


def chance_comments(chance: Random, article: str, people: list[Talker], count: int) -> dict[str, Comment]:
    """Comments by all of them, answering each other; some are hidden, removed or deleted."""
    said: dict[str, Comment] = {}
    for number in range(count):
        id_, author = new_id(), chance.choice(people).id
        above = chance.choice(list(said.values())) if said and chance.random() < 0.6 else None
        one = Comment(id_, id_of(article), author, Words(str(number), "", str(number)), id_, moment_of(id_))
        if above is not None:
            one = replace(one, thread=above.thread, reply_to=above.id, depth=above.depth + 1)
        one = replace(one, question=chance.random() < 0.3, hidden=chance.random() < 0.15)
        one = replace(one, removed=chance.random() < 0.1)
        said[one.name] = one.deleted(datetime.now(UTC)) if chance.random() < 0.15 else one
    return said


@pytest.mark.parametrize("seed", range(2))
async def test_everybody_sees_what_the_model_says(world: World, meet: Meet, seed: int) -> None:
    chance = Random(seed)
    people = []
    for segment in (*SEGMENTS, *SEGMENTS):
        [caller] = await meet("person", segments=[segment] if segment else [])
        people.append(Talker(caller))
    article = await published(people[0].caller)
    barred = {frozenset({one.name, other.name}) for one in people[1::3] for other in people[2::3]}
    blocked = chance.sample(list(combinations(people[3:], 2)), 2)
    model = Model(chance_comments(chance, article, people, 40), barred)
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.insert(comments), [values(one) for one in model.said.values()])
    await world.bar(("network", "retail"))
    for one, other in blocked:
        await block(world, one, other)
        model.apart.add(frozenset({one.name, other.name}))
    try:
        for viewer in people:
            await agrees(model, viewer, article)
    finally:
        await world.bar()


async def agrees(model: Model, viewer: Talker, article: str) -> None:
    """What somebody is shown is what the model says, in every order, and where links lead."""
    for order in Order:
        pages = await page_by_page(viewer, article, order.name, 6)
        assert [name for page in pages for name in page] == model.threads(viewer, order)
    for thread in await viewer.threads(article, replies=20):
        expected = model.replies(viewer, model.said[thread.comment.name])
        assert [reply.name for reply in thread.replies] == expected[:20]
        assert thread.reply_count == len(expected)
        assert thread.comment.gone != model.sees(viewer, model.said[thread.comment.name])
        for reply in thread.replies:
            assert model.sees(viewer, model.said[reply.reply_to]) or reply.reply_to == reply.thread
    seen = [one for one in model.said.values() if model.sees(viewer, one)]
    assert (await viewer.discussion(article)).comment_count == len(seen)
    request = comments_pb2.BatchGetCommentsRequest(names=list(model.said))
    assert [one.name for one in (await viewer.comments.BatchGetComments(request)).comments] == [
        one.name for one in seen
    ]
    for one in list(model.said.values())[::7]:
        await leads_to(model, viewer, article, one)


async def leads_to(model: Model, viewer: Talker, article: str, one: Comment) -> None:
    find = comments_pb2.FindCommentPageRequest(name=one.name, thread_page_size=2)
    find.order = comments_pb2.COMMENT_ORDER_MOST_DISCUSSED
    if not model.sees(viewer, one):
        assert (await refused(viewer.comments.FindCommentPage(find))).reason == "COMMENT_NOT_FOUND"
        return
    found = await viewer.comments.FindCommentPage(find)
    request = listing(article, "MOST_DISCUSSED", size=2)
    request.page_token = found.page_token
    page = [thread.comment.name for thread in (await viewer.comments.ListComments(request)).threads]
    assert found.thread in page
    start = (found.page_number - 1) * 2
    assert page == model.threads(viewer, Order.MOST_DISCUSSED)[start : start + 2]
