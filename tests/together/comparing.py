"""Compares what somebody finds in each of the services with what the model says."""

from collections.abc import Awaitable
from dataclasses import dataclass

import grpc
from plein.blog.v1 import discovery_pb2, discovery_pb2_grpc
from plein.feed.v1 import feed_pb2

from tests.blog.caller import walked
from tests.blog.talking import Talker
from tests.feed.comparing import Comparing, Lists, assert_same
from tests.feed.reader import Reader, kind
from tests.together.judging import Judging


@dataclass
class ComparingAll(Comparing):
    """Somebody who looks at everything again and again. Of reports moderation tells later, with a job."""

    play: Judging

    async def compare(self, reader: int, turn: int) -> None:
        await super().compare(reader, turn)
        await self.compare_groups(reader)
        await self.compare_blogs(reader)

    def timelines(self, reader: int, turn: int) -> Lists:
        found = {name: listed for name, listed in super().timelines(reader, turn).items() if "group" not in name}
        caller, model = self.play.callers[reader], self.play.model
        for number, name in enumerate(self.play.groups):
            request = feed_pb2.ListGroupPostsRequest(parent=name)
            found[f"group {number}"] = caller.api.ListGroupPosts, request, model.of_group(reader, number)
        return found

    async def compare_groups(self, reader: int) -> None:
        """Which groups there are for somebody, and who is in those of which the reader is a member."""
        play = self.play
        known = [name for name in play.groups if await play.members[reader].knows(name)]
        assert known == [name for number, name in enumerate(play.groups) if self.is_known(reader, number)]
        for number, name in enumerate(play.groups):
            if (reader, number) in play.model.members:
                found = await play.members[reader].members_of(name)
                joined = play.founded[number].joined
                assert sorted(found) == sorted(play.callers[person].name for person in joined)

    def is_known(self, reader: int, number: int) -> bool:
        """A group that was removed is nobody's, one that is hidden or deleted is its owner's."""
        group = self.play.founded[number]
        if group.removed or group.withdrawn:
            return not group.removed and group.founder == reader
        return group.visibility != "SECRET" or reader in group.joined or reader in group.invited

    async def compare_blogs(self, reader: int) -> None:
        """What articles are listed and found, and what comments are read."""
        blogger, play = self.play.bloggers[reader], self.play
        seen = [one for one in play.articles if not one.withdrawn and play.model.sees_root(reader, one)]
        names = [article.name for article in reversed(seen)]
        assert_same(f"articles for {reader}", await blogger.listed(), names)
        api = discovery_pb2_grpc.ArticleDiscoveryServiceStub(blogger.channel)
        found = await walked(api.SearchArticles, discovery_pb2.SearchArticlesRequest(query="zebra", page_size=3))
        assert_same(f"found by {reader}", [one.article.name for one in found], names)
        for article in play.articles:
            # Whose it is reads it also when it was taken back, as a draft.
            if article.author != reader:
                assert (await is_there(blogger.read(article.name))) is (article in seen), f"{article} by {reader}"
        talker = Talker(blogger)
        for article in seen:
            said = [one for one in play.comments if one.article is article and play.reads(reader, one)]
            threads = await talker.threads(article.name, replies=100)
            listed = [one.name for thread in threads for one in (thread.comment, *thread.replies) if not one.gone]
            assert sorted(listed) == sorted(one.name for one in said), f"comments on {article} for {reader}"
        for comment in play.comments:
            assert (await is_there(talker.read(comment.name))) is play.reads(reader, comment), f"{comment} by {reader}"

    async def compare_inbox(self, reader: int) -> None:
        """In any order: of what is told at the same moment the order is any."""
        play = self.play
        numbers = {one.name: number for number, one in enumerate(play.callers)}
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
            for notice in (await Reader(play.world, play.callers[reader]).page()).notifications
            if kind(notice) != "REPORT_DECIDED"
        ]
        expected = [shown for _, shown in play.inboxes.visible(reader)]
        assert_same(f"the inbox of {reader}", sorted(found), sorted(expected))


async def is_there(call: Awaitable[object]) -> bool:
    """Whether somebody is answered, and not told that there is no such thing."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
        return False
    return True
