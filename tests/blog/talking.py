"""People as they talk about articles, in the words that the tests use."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from plein.blog.v1 import comments_pb2, comments_pb2_grpc, consultations_pb2, consultations_pb2_grpc, contribution_pb2
from plein.moderation.v1 import events_pb2 as moderation_pb2

from chassis.ids import new_id
from chassis.testing import World
from services.blog.domain.comments import Comment as Remark
from services.blog.domain.comments import Words, moment_of
from services.blog.store.comments import values
from services.blog.tables.comments import comments
from tests.blog.caller import Caller, pages, walked

UNKNOWN_COMMENT = "comments/01993e54-0000-7000-8000-000000000000"
Thread = comments_pb2.CommentThread
Comment = comments_pb2.Comment


class Talker:
    """Somebody who talks."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.name, self.id = caller.name, caller.id
        self.comments = comments_pb2_grpc.CommentServiceStub(caller.channel)
        self.consultations = consultations_pb2_grpc.ConsultationServiceStub(caller.channel)

    async def say(self, article: str, text: str = "Well.", *, to: str = "", request_id: str = "") -> Comment:
        """Comments on an article, or with `to` answers a comment."""
        comment = Comment(text=text, reply_to=to)
        request = comments_pb2.CreateCommentRequest(parent=article, comment=comment, request_id=request_id)
        return await self.comments.CreateComment(request)

    async def read(self, name: str) -> Comment:
        return await self.comments.GetComment(comments_pb2.GetCommentRequest(name=name))

    async def change(self, name: str, text: str, etag: str = "") -> Comment:
        request = comments_pb2.UpdateCommentRequest(comment=Comment(name=name, text=text, etag=etag))
        return await self.comments.UpdateComment(request)

    async def delete(self, name: str) -> None:
        await self.comments.DeleteComment(comments_pb2.DeleteCommentRequest(name=name))

    async def react(self, name: str, reaction: str = "LIKE") -> Comment:
        sort = comments_pb2.CommentReaction.Value(f"COMMENT_REACTION_{reaction}")
        return await self.comments.ReactToComment(comments_pb2.ReactToCommentRequest(name=name, reaction=sort))

    async def threads(self, article: str, order: str = "NEWEST", *, size: int = 100, replies: int = 0) -> list[Thread]:
        """All threads, page by page."""
        return await walked(self.comments.ListComments, listing(article, order, size=size, replies=replies))

    async def tops(self, article: str, order: str = "NEWEST", *, size: int = 100) -> list[str]:
        """What the first comments of all threads say."""
        return [thread.comment.text for thread in await self.threads(article, order, size=size)]

    async def replies(self, thread: str, *, size: int = 100) -> list[str]:
        """What all replies in a thread say."""
        request = comments_pb2.ListRepliesRequest(parent=thread, page_size=size)
        return [comment.text for comment in await walked(self.comments.ListReplies, request)]

    async def discussion(self, article: str) -> comments_pb2.Discussion:
        return await self.comments.GetDiscussion(comments_pb2.GetDiscussionRequest(name=f"{article}/discussion"))

    async def close(self, article: str) -> comments_pb2.Discussion:
        return await self.comments.CloseDiscussion(comments_pb2.CloseDiscussionRequest(name=f"{article}/discussion"))

    async def open(self, article: str) -> comments_pb2.Discussion:
        return await self.comments.OpenDiscussion(comments_pb2.OpenDiscussionRequest(name=f"{article}/discussion"))

    async def consult(self, article: str, *, opens: int = 0, closes: int = 7) -> consultations_pb2.Consultation:
        """Asks for opinions, from and until so many days from now."""
        asked = consultations_pb2.Consultation(close_time=in_days(closes))
        if opens:
            asked.open_time.CopyFrom(in_days(opens))
        request = consultations_pb2.CreateConsultationRequest(parent=article, consultation=asked)
        request.request_id = str(uuid4())
        return await self.consultations.CreateConsultation(request)

    async def consultation(self, article: str) -> consultations_pb2.Consultation:
        request = consultations_pb2.GetConsultationRequest(name=f"{article}/consultation")
        return await self.consultations.GetConsultation(request)

    async def change_consultation(
        self, article: str, *paths: str, etag: str = "", **fields: Any
    ) -> consultations_pb2.Consultation:
        changed = consultations_pb2.Consultation(name=f"{article}/consultation", etag=etag, **fields)
        request = consultations_pb2.UpdateConsultationRequest(consultation=changed, update_mask=FieldMask(paths=paths))
        return await self.consultations.UpdateConsultation(request)

    async def decide(
        self, comment: str, state: str, reason: str = "", *, etag: str = ""
    ) -> contribution_pb2.Contribution:
        """Decides on a contribution, as it is now if nothing else is said."""
        request = consultations_pb2.DecideContributionRequest(name=f"{comment}/contribution", reason=reason)
        request.state = contribution_pb2.ContributionState.Value(f"CONTRIBUTION_STATE_{state}")
        request.etag = etag or (await self.read(comment)).contribution.etag
        return await self.consultations.DecideContribution(request)

    async def assign(self, comment: str, owner: str, *, etag: str = "") -> contribution_pb2.Contribution:
        request = consultations_pb2.AssignContributionRequest(name=f"{comment}/contribution", owner=owner)
        request.etag = etag or (await self.read(comment)).contribution.etag
        return await self.consultations.AssignContribution(request)

    async def contributions(self, article: str, *, state: str = "UNSPECIFIED", owner: str = "") -> list[str]:
        """What all contributions say, a page of two at a time."""
        request = consultations_pb2.ListContributionsRequest(parent=f"{article}/consultation", owner=owner, page_size=2)
        request.state = contribution_pb2.ContributionState.Value(f"CONTRIBUTION_STATE_{state}")
        return [comment.text for comment in await walked(self.consultations.ListContributions, request)]

    async def changes(self, comment: str) -> list[consultations_pb2.ContributionChange]:
        request = consultations_pb2.ListContributionChangesRequest(parent=f"{comment}/contribution", page_size=2)
        return await walked(self.consultations.ListContributionChanges, request)

    async def export(self, article: str, form: str) -> tuple[str, str]:
        """All contributions as a file, and what it says it is."""
        request = consultations_pb2.ExportContributionsRequest(name=f"{article}/consultation")
        request.format = consultations_pb2.ExportFormat.Value(f"EXPORT_FORMAT_{form}")
        pieces = [piece async for piece in self.consultations.ExportContributions(request)]
        return b"".join(piece.data for piece in pieces).decode(), pieces[0].content_type


def listing(article: str, order: str, *, size: int = 100, replies: int = 0) -> comments_pb2.ListCommentsRequest:
    request = comments_pb2.ListCommentsRequest(parent=article, page_size=size, reply_size=replies)
    request.order = comments_pb2.CommentOrder.Value(f"COMMENT_ORDER_{order}")
    return request


async def page_by_page(talker: Talker, article: str, order: str, size: int) -> list[list[str]]:
    """The names of the threads on each page."""
    found = pages(talker.comments.ListComments, listing(article, order, size=size))
    return [[thread.comment.name for thread in page] async for page in found]


async def published(author: Caller, *, blog: str = "", **audience: Any) -> str:
    """The name of an article that its readers see, in a new blog if none is given."""
    blog = blog or (await author.begin_blog(**audience)).name
    article = await author.begin(blog, **audience)
    await author.publish(article.name)
    return article.name


async def run(world: World, statement: str, **values: Any) -> None:
    """Changes the tables as time or what is not tested here would."""
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.text(statement), values)


async def write_many(world: World, author: Talker, article: str, *, threads: int, replies: int) -> None:
    """Writes threads with as many replies each, faster than one by one."""
    rows = []
    for number in range(threads):
        thread = new_id()
        for id_ in [thread, *(new_id() for _ in range(replies))]:
            words = Words(f"Number {number}", f"<p>Number {number}</p>", f"Number {number}")
            above = None if id_ == thread else thread
            written = Remark(id_, id_of(article), author.id, words, thread, moment_of(id_), above, int(id_ != thread))
            rows.append(values(written))
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.insert(comments), rows)


async def block(world: World, person: Talker, other: Talker) -> None:
    """Lets somebody block another one, of which blog has heard."""
    await world.block(person.caller.person, other.caller.person)


async def judge(world: World, subject: str, verdict: str) -> None:
    """Lets moderation hide, remove or restore a subject."""
    events = {"hide": moderation_pb2.SubjectHidden, "remove": moderation_pb2.SubjectRemoved}
    event: Any = events.get(verdict, moderation_pb2.SubjectRestored)
    await world.tell("cases/any", event(subject=subject), source="moderation")


def texts(threads: Sequence[Thread]) -> list[tuple[str, list[str]]]:
    """What threads say: the first comment, and the replies that come with it."""
    return [(thread.comment.text, [reply.text for reply in thread.replies]) for thread in threads]


def in_days(days: int) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(datetime.now(UTC) + timedelta(days=days))
    return moment


def id_of(name: str) -> UUID:
    return UUID(name.partition("/")[2].partition("/")[0])
