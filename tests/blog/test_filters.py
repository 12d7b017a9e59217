"""What filters warn of comes out when its author means it; what they hold, others read once moderators judged it."""

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from plein.blog.v1 import articles_pb2, comments_pb2
from plein.chassis.v1 import events_pb2 as chassis_events_pb2
from plein.moderation.v1 import events_pb2, filters_pb2

from chassis.testing import Answers, World
from tests.blog.caller import Caller, Meet, kinds_told, refused, told
from tests.blog.talking import Talker

READ_FILTERS = "/plein.moderation.v1.FilterService/ReadFilters"
WARN, HOLD = filters_pb2.FILTER_EFFECT_WARN, filters_pb2.FILTER_EFFECT_HOLD
FILTERS = {"sukkel": HOLD, "evil.example": HOLD, "lomp": WARN}


@dataclass
class Moderation:
    """The filters that there are: by what they look for, their names."""

    names: dict[str, str] = field(default_factory=lambda: {sought: f"filters/{uuid4()}" for sought in FILTERS})

    def read(self, request: filters_pb2.ReadFiltersRequest) -> filters_pb2.CurrentFilters:
        current = filters_pb2.CurrentFilters(revision=1)
        for sought, effect in FILTERS.items():
            kind = filters_pb2.FILTER_KIND_DOMAIN if "." in sought else filters_pb2.FILTER_KIND_WORD
            current.filters.add(name=self.names[sought], text=sought, kind=kind, effect=effect)
        return current


@pytest.fixture(scope="module")
def moderation() -> Moderation:
    return Moderation()


@pytest.fixture(scope="module")
def answers(answers: Answers, moderation: Moderation) -> Answers:
    return {**answers, READ_FILTERS: (filters_pb2.ReadFiltersRequest, moderation.read)}


@pytest.fixture
async def writers(world: World, meet: Meet) -> tuple[Caller, Caller, str]:
    """Ada with a blog, and Bob who reads it; blog knows the filters."""
    await world.tell("filters", events_pb2.FiltersChanged(revision=1), source="moderation")
    ada, bob = await meet("ada", "bob")
    return ada, bob, (await ada.begin_blog()).name


async def held(world: World, name: str) -> list[list[str]]:
    """Because of which filters moderators were asked to judge it."""
    event = chassis_events_pb2.SubjectHeld
    payloads = [payload for kind, payload in await told(world, name) if kind == event.__name__]
    return [list(event.FromString(payload).filters) for payload in payloads]


async def restored(world: World, name: str) -> None:
    await world.tell(name, events_pb2.SubjectRestored(subject=name), source="moderation")


async def test_a_held_article_is_read_once_moderators_found_nothing_wrong(
    world: World, writers: tuple[Caller, Caller, str], moderation: Moderation
) -> None:
    ada, bob, blog = writers
    article = await ada.write(blog, "Over iets", "Wat een **sukkel**.")
    assert (await refused(bob.read(article.name))).code == "NOT_FOUND"
    assert (await ada.read(article.name)).name == article.name
    assert await held(world, article.name) == [[moderation.names["sukkel"]]]
    await restored(world, article.name)
    assert (await bob.read(article.name)).title == "Over iets"


@pytest.mark.parametrize(
    ("title", "text"),
    [("Een sukkel", "Tekst"), ("Titel", "[hier](https://www.evil.example/x)"), ("Titel", "suk&#107;el")],
)
async def test_all_of_an_article_is_looked_through(
    world: World, writers: tuple[Caller, Caller, str], title: str, text: str
) -> None:
    ada, _, blog = writers
    article = await ada.write(blog, title, text)
    assert len(await held(world, article.name)) == 1


async def test_who_is_warned_publishes_when_it_is_meant_so(writers: tuple[Caller, Caller, str]) -> None:
    ada, bob, blog = writers
    article = await ada.begin(blog, "Titel", "Dat is lomp.")
    refusal = await refused(ada.publish(article.name))
    assert (refusal.reason, dict(refusal.facts)["words"]) == ("FILTER_WARNING", "lomp")
    assert (await refused(ada.schedule(article.name, 60))).reason == "FILTER_WARNING"
    await ada.articles.PublishArticle(articles_pb2.PublishArticleRequest(name=article.name, warnings_accepted=True))
    assert (await bob.read(article.name)).title == "Titel"


async def test_what_comes_out_at_its_time_is_held_too(world: World, writers: tuple[Caller, Caller, str]) -> None:
    ada, bob, blog = writers
    article = await ada.begin(blog, "Titel", "Wat een sukkel.")
    await ada.schedule(article.name, 0.2)
    async with asyncio.timeout(10):
        while not await held(world, article.name):
            pass
    assert (await refused(bob.read(article.name))).code == "NOT_FOUND"


async def test_an_article_is_judged_by_what_is_new_in_it(world: World, writers: tuple[Caller, Caller, str]) -> None:
    ada, bob, blog = writers
    article = await ada.write(blog, "Titel", "Wat een sukkel.")
    await restored(world, article.name)
    await ada.save(article.name, text="Wat een sukkel ben ik.")
    await ada.publish(article.name)
    assert (await bob.read(article.name)).name == article.name
    await ada.save(article.name, text="Wat een sukkel, zie evil.example")
    await ada.publish(article.name)
    assert (await refused(bob.read(article.name))).code == "NOT_FOUND"
    assert "ArticleHidden" in await kinds_told(world, article.name)
    assert len(await held(world, article.name)) == 2


async def test_a_held_comment_is_seen_by_its_author_alone(
    world: World, writers: tuple[Caller, Caller, str], moderation: Moderation
) -> None:
    ada, bob, blog = writers
    article = await ada.write(blog, "Titel", "Tekst")
    said = await Talker(bob).say(article.name, "Jij sukkel")
    assert await Talker(ada).tops(article.name) == []
    assert await Talker(bob).tops(article.name) == ["Jij sukkel"]
    assert await held(world, said.name) == [[moderation.names["sukkel"]]]
    await restored(world, said.name)
    assert await Talker(ada).tops(article.name) == ["Jij sukkel"]


async def test_a_comment_that_is_warned_of_is_written_by_who_means_it(
    writers: tuple[Caller, Caller, str],
) -> None:
    ada, bob, blog = writers
    article = await ada.write(blog, "Titel", "Tekst")
    assert (await refused(Talker(bob).say(article.name, "Lomp!"))).reason == "FILTER_WARNING"
    comment = comments_pb2.Comment(text="Lomp!")
    request = comments_pb2.CreateCommentRequest(parent=article.name, comment=comment, warnings_accepted=True)
    await Talker(bob).comments.CreateComment(request)
    assert await Talker(ada).tops(article.name) == ["Lomp!"]


async def test_a_changed_comment_is_held_with_what_is_new(world: World, writers: tuple[Caller, Caller, str]) -> None:
    ada, bob, blog = writers
    article = await ada.write(blog, "Titel", "Tekst")
    said = await Talker(bob).say(article.name, "Dag")
    await Talker(bob).change(said.name, "Dag sukkel")
    assert await Talker(ada).tops(article.name) == []
    assert "CommentHidden" in await kinds_told(world, said.name)
    await restored(world, said.name)
    await Talker(bob).change(said.name, "Dag, sukkel!")
    assert await Talker(ada).tops(article.name) == ["Dag, sukkel!"]
    assert len(await held(world, said.name)) == 1
