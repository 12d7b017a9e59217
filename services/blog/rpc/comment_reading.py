"""Reading comments: one by one, in threads, and where one of them stands."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from plein.blog.v1 import comments_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from chassis.access import Sight
from chassis.ids import new_id
from services.blog.domain.comments import Comment, in_order
from services.blog.rpc.discussing import Discussing, fitting
from services.blog.store import comments, threads
from services.blog.store.threads import Thread
from services.blog.wire import comments as wire
from services.blog.wire.names import article_id

REPLIES, MOST_REPLIES = 5, 20


class CommentReading(Discussing):
    """Two levels are shown: threads, and in each its replies, whichever comment in it they answer."""

    async def GetComment(self, request: comments_pb2.GetCommentRequest, context: Any) -> comments_pb2.Comment:
        sight = self.sight()
        async with self.database.snapshot() as tx:
            return await self.message(tx, sight, await self.seen_comment(tx, sight, request.name))

    async def BatchGetComments(
        self, request: comments_pb2.BatchGetCommentsRequest, context: Any
    ) -> comments_pb2.BatchGetCommentsResponse:
        sight, ids = self.sight(), wire.comment_ids(request.names)
        async with self.database.snapshot() as tx:
            found = in_order(ids, await comments.visible_comments(tx, sight, ids))
            return comments_pb2.BatchGetCommentsResponse(comments=await self.messages(tx, sight, found))

    async def ListComments(
        self, request: comments_pb2.ListCommentsRequest, context: Any
    ) -> comments_pb2.ListCommentsResponse:
        sight, size, order = self.sight(), pages.size(request, 20, 100), wire.order(request.order)
        after = wire.place_of(self.pages.position(request))
        as_of = after.as_of if after else new_id()
        async with self.database.snapshot() as tx:
            found = await threads.page(tx, sight, article_id(request.parent), order, as_of, after, size + 1)
            if not found:
                await self.seen_article(tx, sight, request.parent)
            shown = await self._shown(tx, sight, found[:size], reply_size(request.reply_size))
        count = fitting(shown)
        answer = comments_pb2.ListCommentsResponse(threads=shown[:count])
        if len(found) > count:
            last = threads.place(found[count - 1], as_of)
            answer.next_page_token = self.pages.seal(request, wire.place(last))
        return answer

    async def _shown(
        self, tx: AsyncConnection, sight: Sight, found: list[Thread], most: int
    ) -> list[comments_pb2.CommentThread]:
        """Threads with the first of their replies."""
        answered = [thread.top.id for thread in found if thread.reply_count]
        replies = await threads.first_replies(tx, sight, answered, most)
        tops = [thread.top for thread in found]
        told = await self.messages(tx, sight, [*tops, *replies])
        under: dict[UUID, list[comments_pb2.Comment]] = defaultdict(list)
        for reply, message in zip(replies, told[len(tops) :], strict=True):
            under[reply.thread].append(message)
        return [
            self._thread(thread, message, under[thread.top.id])
            for thread, message in zip(found, told[: len(tops)], strict=True)
        ]

    def _thread(
        self, thread: Thread, top: comments_pb2.Comment, replies: list[comments_pb2.Comment]
    ) -> comments_pb2.CommentThread:
        shown = comments_pb2.CommentThread(comment=top, reply_count=thread.reply_count, replies=replies)
        if replies and thread.reply_count > len(replies):
            shown.next_replies_token = self._replies_token(top.name, wire.comment_id(replies[-1].name))
        return shown

    def _replies_token(self, thread: str, after: UUID) -> str:
        return self.pages.seal(comments_pb2.ListRepliesRequest(parent=thread), after.bytes)

    async def ListReplies(
        self, request: comments_pb2.ListRepliesRequest, context: Any
    ) -> comments_pb2.ListRepliesResponse:
        sight, size = self.sight(), pages.size(request, 20, 100)
        position, thread = self.pages.position(request), wire.comment_id(request.parent)
        async with self.database.snapshot() as tx:
            if await threads.seen_thread(tx, sight, thread) is None:
                raise wire.unknown_comment(request.parent)
            after = UUID(bytes=position) if position else None
            found = await threads.replies(tx, sight, thread, after, size + 1)
            told = await self.messages(tx, sight, found[:size])
        count = fitting(told)
        answer = comments_pb2.ListRepliesResponse(comments=told[:count])
        if len(found) > count:
            answer.next_page_token = self.pages.seal(request, found[count - 1].id.bytes)
        return answer

    async def FindCommentPage(
        self, request: comments_pb2.FindCommentPageRequest, context: Any
    ) -> comments_pb2.CommentPage:
        sight, order, as_of = self.sight(), wire.order(request.order), new_id()
        size = min(request.thread_page_size or 20, 100)
        async with self.database.snapshot() as tx:
            comment = await self.seen_comment(tx, sight, request.name)
            number, after = await threads.find(tx, sight, comment, order, as_of, size)
            last_reply = None if comment.is_top else await self._reply_before_page(tx, sight, comment, request)
        article, thread = f"articles/{comment.article}", wire.comment_name(comment.thread)
        answer = comments_pb2.CommentPage(article=article, thread=thread, page_number=number + 1)
        if after is not None:
            listed = comments_pb2.ListCommentsRequest(parent=article, order=request.order)
            listed.reply_size = request.reply_size
            answer.page_token = self.pages.seal(listed, wire.place(after))
        if last_reply is not None:
            answer.replies_token = self._replies_token(thread, last_reply)
        return answer

    async def _reply_before_page(
        self, tx: AsyncConnection, sight: Sight, reply: Comment, request: comments_pb2.FindCommentPageRequest
    ) -> UUID | None:
        """The reply after which the page of a reply begins, or None for one that comes with its thread."""
        number, first = await threads.replies_before(tx, sight, reply), reply_size(request.reply_size)
        if number < first:
            return None
        size = min(request.reply_page_size or 20, 100)
        begins = first + (number - first) // size * size
        return await threads.reply_at(tx, sight, reply.thread, begins - 1)


def reply_size(asked: int) -> int:
    """How many replies come with a thread."""
    return min(asked or REPLIES, MOST_REPLIES)
