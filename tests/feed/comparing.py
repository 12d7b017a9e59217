"""Compares all that somebody can list with what the model says, page by page and from where a client looked last."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from plein.feed.v1 import discovery_pb2, feed_pb2, relations_pb2

from tests.feed.caller import Method, pages, refused
from tests.feed.living import Play
from tests.feed.modelled import Written
from tests.feed.playing import GROUPS, PEOPLE, TAGS
from tests.feed.reader import Reader, kind
from tests.feed.relating import relations
from tests.feed.searching import discovery

Lists = dict[str, tuple[Method, Any, list[Written]]]
SIZES = [1, 2, 3, 7, 100]


@dataclass
class Held:
    """What a client holds of a timeline: the names in it, and where it goes on upwards. `newest` is the last post
    that there was, whoever may see it."""

    names: set[str]
    newer: str
    newest: str


@dataclass
class Comparing:
    """Somebody who looks at everything again and again."""

    play: Play
    held: dict[tuple[int, str], Held] = field(default_factory=dict)

    async def compare(self, reader: int, turn: int) -> None:
        """All lists of one person; `turn` chooses page sizes, and about whom and what is asked."""
        if not self.play.model.people[reader].active:
            await self.is_refused(reader)
            return
        for number, (name, (method, request, expected)) in enumerate(self.lists(reader, turn).items()):
            request.page_size = SIZES[(turn + number) % len(SIZES)]
            found = [post async for page in pages(method, request) for post in page]
            assert_same(f"{name} of {reader}", [self.shown(post) for post in found], self.expected(reader, expected))
        for name, listed in self.timelines(reader, turn).items():
            await self.refresh(reader, name, *listed)
        await self.compare_inbox(reader)

    async def compare_home(self, reader: int) -> None:
        """The home of one person, as one page."""
        if self.play.model.people[reader].active:
            found = [self.shown(post) for post in await self.play.callers[reader].home()]
            assert_same(f"home of {reader}", found, self.expected(reader, self.play.model.home(reader)))

    async def is_refused(self, reader: int) -> None:
        """Who is suspended reads nothing."""
        call = self.play.callers[reader].api.ListHomePosts(feed_pb2.ListHomePostsRequest())
        assert (await refused(call)).code == "UNAUTHENTICATED"

    def lists(self, reader: int, turn: int) -> Lists:
        return self.timelines(reader, turn) | self.searches(reader, turn)

    def timelines(self, reader: int, turn: int) -> Lists:
        """Everything that can be refreshed."""
        model, caller, other = self.play.model, self.play.callers[reader], turn % PEOPLE
        tag, group, replies = TAGS[turn % len(TAGS)], turn % GROUPS, turn % 3 == 0
        of_group = feed_pb2.ListGroupPostsRequest(parent=self.play.groups[group])
        found: Lists = {
            "home": (caller.api.ListHomePosts, feed_pb2.ListHomePostsRequest(), model.home(reader)),
            "everyone": (caller.api.ListEveryonePosts, feed_pb2.ListEveryonePostsRequest(), model.everyone(reader)),
            tag: (
                caller.api.ListTagPosts,
                feed_pb2.ListTagPostsRequest(parent=f"tags/{tag}"),
                model.tagged(reader, tag),
            ),
            f"group {group}": (caller.api.ListGroupPosts, of_group, model.of_group(reader, group)),
        }
        if model.meets(reader, other):
            name = self.play.callers[other].name
            request = feed_pb2.ListPersonPostsRequest(parent=name, include_replies=replies)
            written = model.of_person(reader, other, replies=replies)
            found[f"person {other} {replies}"] = caller.api.ListPersonPosts, request, written
        return found

    def searches(self, reader: int, turn: int) -> Lists:
        """Searches, and the bookmarks."""
        model, caller, other, tag = self.play.model, self.play.callers[reader], turn % PEOPLE, TAGS[turn % len(TAGS)]
        asked = {
            "zebra": model.found(reader, {"zebra"}),
            f"quark #{tag}": model.found(reader, {"quark"}, tag=tag),
            f"from:p{other}": model.found(reader, set(), author=other),
        }
        method, api = discovery(caller).SearchPosts, relations(caller)
        found: Lists = {
            query: (method, discovery_pb2.SearchPostsRequest(query=query), posts) for query, posts in asked.items()
        }
        bookmarks = relations_pb2.ListBookmarkedPostsRequest()
        return found | {"bookmarks": (api.ListBookmarkedPosts, bookmarks, model.bookmarked(reader))}

    def expected(self, reader: int, posts: list[Written]) -> list[tuple[object, ...]]:
        return [self.play.model.shown(reader, post) for post in posts]

    def shown(self, found: Any) -> tuple[object, ...]:
        """A post, or one that was found, in the terms of the model."""
        post = found.post if isinstance(found, discovery_pb2.FoundPost) else found
        return (
            post.name,
            post.text,
            post.viewer.reaction,
            post.viewer.bookmarked,
            post.viewer.reshared,
            sum(count.count for count in post.reaction_counts),
            post.reply_count,
            post.reshare_count,
            [choice.vote_count for choice in post.poll.choices],
            post.original.name,
        )

    async def refresh(self, reader: int, name: str, method: Method, request: Any, expected: list[Written]) -> None:
        """What came since the client looked last comes once, all of it, and nothing that is not in the list."""
        held = self.held.get((reader, name))
        request.page_size = 3
        if held is None:
            request.page_token = ""
            page = await method(request)
            names = {post.name for post in page.posts}
            self.held[reader, name] = Held(names, page.previous_page_token, self.newest)
            return
        came: list[str] = []
        for _ in range(100):
            request.page_token = held.newer
            page = await method(request)
            held.newer = page.previous_page_token
            if not page.posts:
                break
            came = [*(post.name for post in page.posts), *came]
        names = {post.name for post in expected}
        assert len(came) == len({*came} - held.names), f"{name}: twice"
        assert {*came} <= names, f"{name}: {came} is not there"
        assert {one for one in names if one > held.newest} <= {*came}, f"{name}: something is missed"
        self.held[reader, name] = Held(held.names | {*came}, held.newer, self.newest)

    @property
    def newest(self) -> str:
        return max((post.name for post in self.play.model.posts), default="")

    async def compare_inbox(self, reader: int) -> None:
        caller, inboxes = self.play.callers[reader], self.play.inboxes
        page = await Reader(self.play.world, caller).page()
        numbers = {one.name: number for number, one in enumerate(self.play.callers)}
        found = [
            (
                kind(notice),
                notice.subject,
                notice.entry_count,
                notice.person_count,
                [numbers[person] for person in notice.people],
                notice.post.name,
                notice.newest,
                notice.read,
            )
            for notice in page.notifications
        ]
        assert_same(f"the inbox of {reader}", found, [shown for _, shown in inboxes.visible(reader)])
        assert page.unread_count == sum(not notice.read for notice, _ in inboxes.visible(reader)), "unread"


def assert_same(what: str, found: Sequence[object], expected: Sequence[object]) -> None:
    """Shows what there is too much and too little of, when there is."""
    if found != expected:
        much, little = (
            [one for one in some if one not in others] for some, others in ((found, expected), (expected, found))
        )
        raise AssertionError(f"{what}: these should not be there: {much}, these should: {little}, of {expected}")
