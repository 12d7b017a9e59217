"""How groups present themselves: in words, with a picture, and with posts of theirs."""

from dataclasses import dataclass, field
from io import BytesIO
from uuid import uuid4

import pytest
import regex
from PIL import Image
from plein.chassis.v1 import subjects_pb2, subjects_pb2_grpc
from plein.feed.v1 import feed_pb2

from chassis.objects import Objects
from chassis.problems import NotFound
from chassis.testing import World
from services.groups.jobs.objects import remove_due
from services.groups.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import refused
from tests.feed.pictures import file_of
from tests.groups.caller import Caller, Meet, Staff
from tests.groups.entering import let_in
from tests.groups.presenting import Presenter

# In text both signs are written otherwise.
ELEMENT = regex.compile(r"<([a-z0-9]+)([^<>]*)>")
ATTRIBUTE = regex.compile(r'([a-z-]+)="')
BATCH_GET_POSTS = "/plein.feed.v1.FeedService/BatchGetPosts"


@dataclass
class Posts:
    """What feed shows: post → its group."""

    shown: dict[str, str] = field(default_factory=dict)

    def written_in(self, group: str) -> str:
        name = f"posts/{uuid4()}"
        self.shown[name] = group
        return name

    def batch(self, request: feed_pb2.BatchGetPostsRequest) -> feed_pb2.BatchGetPostsResponse:
        found = [feed_pb2.Post(name=name) for name in request.names if name in self.shown]
        for post in found:
            post.audience.group = self.shown[post.name]
        return feed_pb2.BatchGetPostsResponse(posts=found)


@pytest.fixture(scope="module")
def posts() -> Posts:
    return Posts()


@pytest.fixture(scope="module")
async def world(start: Start, staff: Staff, posts: Posts) -> World:
    answers = {BATCH_GET_POSTS: (feed_pb2.BatchGetPostsRequest, posts.batch)}
    return await start(SERVICE, dict(staff.answers) | answers)


async def test_everybody_reads_what_an_open_or_closed_group_is_about(meet: Meet) -> None:
    ada, eve = await meet("ada", "eve")
    for visibility in ("OPEN", "CLOSED"):
        group = (await ada.found(visibility=visibility)).name
        assert (await Presenter(eve).page(group)).name == f"{group}/page"
        written = await Presenter(ada).write(
            group, description="About **golf**.", rules="- be kind", tags=("#Golf", "sport", "golf", "Été")
        )
        assert list(written.tags) == ["golf", "sport", "été"]
        read = await Presenter(eve).page(group)
        assert read == written
        assert read.description_html == "<p>About <strong>golf</strong>.</p>\n"
        assert "<li>be kind</li>" in read.rules_html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        '[x](https://evil.example" onmouseover="alert(1))',
        "![x](data:text/html;base64,PHNjcmlwdD4=)",
    ],
)
async def test_what_is_written_cannot_hurt(meet: Meet, hostile: str) -> None:
    (ada,) = await meet("ada")
    page = await Presenter(ada).write((await ada.found()).name, description=hostile, rules=hostile)
    for html in (page.description_html, page.rules_html):
        for tag, attributes in ELEMENT.findall(html):
            assert tag not in ("script", "img")
            assert set(ATTRIBUTE.findall(attributes)) <= {"href", "rel"}
            assert "javascript" not in attributes


async def test_keepers_write_the_page_and_others_do_not(meet: Meet) -> None:
    ada, kim, bob, eve = await meet("ada", "kim", "bob", "eve")
    group = (await ada.found()).name
    await let_in(ada, group, kim, bob)
    await ada.appoint(group, kim, "KEEPER")
    page = await Presenter(kim).write(group, description="One")
    for other in (bob, eve):
        for attempt in (
            Presenter(other).write(group, description="Two"),
            Presenter(other).put_up(group, file_of()),
            Presenter(other).take_down(group),
            Presenter(other).pin(group, f"posts/{uuid4()}"),
        ):
            assert (await refused(attempt)).reason == "NOT_YOUR_GROUP"
    newer = await Presenter(ada).write(group, "rules", rules="Two", etag=page.etag)
    assert (newer.description, newer.rules) == ("One", "Two")
    assert (await refused(Presenter(kim).write(group, description="3", etag=page.etag))).code == "ABORTED"
    emptied = await Presenter(kim).write(group, "description", "tags")
    assert (emptied.description, emptied.description_html, emptied.rules) == ("", "", "Two")
    assert (await refused(Presenter(kim).write(group, tags=("two words",)))).fields == ("group_page.tags",)
    assert (await refused(Presenter(kim).write(group, "cover"))).reason == "FIELD_NOT_YOURS"
    await ada.archive(group)
    assert (await refused(Presenter(ada).write(group, description="4"))).reason == "GROUP_ARCHIVED"
    assert await Presenter(eve).page(group) == emptied


async def test_a_secret_group_has_no_page_for_others(meet: Meet) -> None:
    ada, eve = await meet("ada", "eve")
    group = (await ada.found(visibility="SECRET")).name
    await Presenter(ada).write(group, description="Surprise")
    await Presenter(ada).put_up(group, file_of())
    presenter, unknown = Presenter(eve), f"groups/{uuid4()}"
    for attempt in (presenter.page, presenter.cover, presenter.take_down):
        assert (await refused(attempt(group))).without(group) == (await refused(attempt(unknown))).without(unknown)
    assert (await refused(presenter.write(group, description="x"))).code == "NOT_FOUND"


async def test_a_picture_is_made_anew_in_two_sizes_and_taken_away(world: World, meet: Meet) -> None:
    ada, eve = await meet("ada", "eve")
    group = (await ada.found()).name
    assert (await refused(Presenter(eve).cover(group))).code == "NOT_FOUND"
    page = await Presenter(ada).put_up(group, file_of(size=(2400, 1200)))
    assert (page.cover.width, page.cover.height) == (1600, 800)
    assert sized(await Presenter(eve).cover(group)) == (1600, 800)
    assert sized(await Presenter(eve).cover(group, "small")) == (480, 240)
    assert (await refused(Presenter(eve).cover(group, "huge"))).code == "NOT_FOUND"
    assert (await refused(Presenter(ada).put_up(group, b"no picture"))).reason == "NO_IMAGE"
    other = await Presenter(ada).put_up(group, file_of("blue", size=(300, 300)))
    assert other.cover.version != page.cover.version
    await remove_due(world.server.resources.database, stored(world))
    assert sized(await Presenter(eve).cover(group)) == (300, 300)
    assert not (await Presenter(ada).take_down(group)).HasField("cover")
    assert (await refused(Presenter(eve).cover(group))).code == "NOT_FOUND"
    await remove_due(world.server.resources.database, stored(world))
    with pytest.raises(NotFound):
        await stored(world).content(page.cover.version)


async def test_members_see_the_posts_that_are_pinned_as_far_as_feed_shows_them(meet: Meet, posts: Posts) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group, other = (await ada.found()).name, (await ada.found("Chess")).name
    await let_in(ada, group, bob)
    names = [posts.written_in(group) for _ in range(6)]
    for number, name in enumerate(names):
        assert (await Presenter(ada).pin(group, name))[0] == name
        assert len(await Presenter(ada).pin(group, name)) == min(number + 1, 5)
    assert list((await Presenter(bob).page(group)).pinned_posts) == names[:0:-1]
    assert list((await Presenter(eve).page(group)).pinned_posts) == []
    posts.shown.pop(names[3])
    assert names[3] not in (await Presenter(bob).page(group)).pinned_posts
    assert names[5] not in await Presenter(ada).unpin(group, names[5])
    for foreign in (posts.written_in(other), f"posts/{uuid4()}", "posts/none"):
        assert (await refused(Presenter(ada).pin(group, foreign))).code == "NOT_FOUND"


async def test_moderation_sees_what_a_page_says(world: World, meet: Meet) -> None:
    (ada,) = await meet("ada")
    group = (await ada.found("Golf")).name
    before = await subject(world, group)
    await Presenter(ada).write(group, description="About **golf**.", rules="Be kind.", tags=("golf",))
    await Presenter(ada).put_up(group, file_of())
    after = await subject(world, group)
    assert after.text == "About golf.\n\nBe kind.\n\ngolf"
    assert list(after.images) == [f"{group}/page/cover/sizes/large"]
    assert after.revision != before.revision
    assert await subject(world, group) == after


async def subject(world: World, name: str) -> subjects_pb2.Subject:
    api = subjects_pb2_grpc.SubjectServiceStub(Caller(world, "moderation").channel)
    return await api.GetSubject(subjects_pb2.GetSubjectRequest(name=name))


def sized(picture: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(picture)) as image:
        assert image.format == "WEBP"
        return image.size


def stored(world: World) -> Objects:
    return Objects(world.server.resources.settings.media_url, "groups")
