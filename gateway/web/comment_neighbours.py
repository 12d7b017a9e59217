"""The calls that the web site makes to the blog service about comments, and about what is done with them."""

from datetime import datetime
from typing import Any

import grpc
from plein.blog.v1 import (
    comments_pb2,
    comments_pb2_grpc,
    consultations_pb2,
    consultations_pb2_grpc,
    contribution_pb2,
)

from chassis.neighbours import Neighbours

REPLIES = 5


class Comments:
    """What people say about articles."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = comments_pb2.DESCRIPTOR.services_by_name["CommentService"]
        self._stub = comments_pb2_grpc.CommentServiceStub(neighbours.as_viewer("blog", api))

    async def comment(self, name: str) -> comments_pb2.Comment:
        return await self._stub.GetComment(comments_pb2.GetCommentRequest(name=name))

    async def threads(self, article: str, order: int, page_token: str) -> comments_pb2.ListCommentsResponse:
        request = comments_pb2.ListCommentsRequest(parent=article, reply_size=REPLIES, page_token=page_token)
        request.order = comments_pb2.CommentOrder.ValueType(order)
        return await self._stub.ListComments(request)

    async def replies(self, thread: str, page_token: str) -> comments_pb2.ListRepliesResponse:
        return await self._stub.ListReplies(comments_pb2.ListRepliesRequest(parent=thread, page_token=page_token))

    async def place(self, name: str, order: int) -> comments_pb2.CommentPage:
        """The page on which a comment stands."""
        request = comments_pb2.FindCommentPageRequest(name=name, reply_size=REPLIES)
        request.order = comments_pb2.CommentOrder.ValueType(order)
        return await self._stub.FindCommentPage(request)

    async def discussion(self, article: str) -> comments_pb2.Discussion:
        return await self._stub.GetDiscussion(comments_pb2.GetDiscussionRequest(name=f"{article}/discussion"))

    async def write(
        self, article: str, text: str, reply_to: str, request_id: str, *, warnings_accepted: bool = False
    ) -> comments_pb2.Comment:
        request = comments_pb2.CreateCommentRequest(parent=article, request_id=request_id)
        request.comment.text, request.comment.reply_to = text, reply_to
        request.warnings_accepted = warnings_accepted
        return await self._stub.CreateComment(request)

    async def change(self, name: str, text: str, etag: str, *, warnings_accepted: bool = False) -> None:
        comment = comments_pb2.Comment(name=name, text=text, etag=etag)
        request = comments_pb2.UpdateCommentRequest(comment=comment, warnings_accepted=warnings_accepted)
        await self._stub.UpdateComment(request)

    async def delete(self, name: str) -> None:
        await self._stub.DeleteComment(comments_pb2.DeleteCommentRequest(name=name))

    async def react(self, name: str, reaction: int) -> None:
        if reaction:
            sort = comments_pb2.CommentReaction.ValueType(reaction)
            await self._stub.ReactToComment(comments_pb2.ReactToCommentRequest(name=name, reaction=sort))
        else:
            await self._stub.RemoveCommentReaction(comments_pb2.RemoveCommentReactionRequest(name=name))

    async def close(self, article: str, closed: bool) -> None:
        """Closes the discussion of an article, or opens it again."""
        if closed:
            await self._stub.CloseDiscussion(comments_pb2.CloseDiscussionRequest(name=f"{article}/discussion"))
        else:
            await self._stub.OpenDiscussion(comments_pb2.OpenDiscussionRequest(name=f"{article}/discussion"))


class Consultations:
    """What is done with what people say."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = consultations_pb2.DESCRIPTOR.services_by_name["ConsultationService"]
        self._stub = consultations_pb2_grpc.ConsultationServiceStub(neighbours.as_viewer("blog", api))

    async def consultation(self, article: str) -> consultations_pb2.Consultation | None:
        """The consultation of an article; None for one that asks for no opinions."""
        try:
            request = consultations_pb2.GetConsultationRequest(name=f"{article}/consultation")
            return await self._stub.GetConsultation(request)
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.NOT_FOUND:
                return None
            raise

    async def begin(self, article: str, close_time: datetime, request_id: str) -> None:
        request = consultations_pb2.CreateConsultationRequest(parent=article, request_id=request_id)
        request.consultation.close_time.FromDatetime(close_time)
        await self._stub.CreateConsultation(request)

    async def change(self, article: str, path: str, **fields: Any) -> None:
        """Sets `summary`, or `close_time` from a moment."""
        request = consultations_pb2.UpdateConsultationRequest()
        request.consultation.name = f"{article}/consultation"
        request.consultation.summary = fields.get("summary", "")
        if close_time := fields.get("close_time"):
            request.consultation.close_time.FromDatetime(close_time)
        request.update_mask.paths.append(path)
        await self._stub.UpdateConsultation(request)

    async def contributions(
        self, article: str, state: int, page_token: str
    ) -> consultations_pb2.ListContributionsResponse:
        request = consultations_pb2.ListContributionsRequest(parent=f"{article}/consultation", page_token=page_token)
        request.state = contribution_pb2.ContributionState.ValueType(state)
        return await self._stub.ListContributions(request)

    async def decide(self, comment: str, state: int, reason: str, etag: str) -> None:
        request = consultations_pb2.DecideContributionRequest(name=f"{comment}/contribution", reason=reason, etag=etag)
        request.state = contribution_pb2.ContributionState.ValueType(state)
        await self._stub.DecideContribution(request)

    async def assign(self, comment: str, owner: str, etag: str) -> None:
        request = consultations_pb2.AssignContributionRequest(name=f"{comment}/contribution", owner=owner, etag=etag)
        await self._stub.AssignContribution(request)

    async def changes(self, comment: str, page_token: str) -> consultations_pb2.ListContributionChangesResponse:
        request = consultations_pb2.ListContributionChangesRequest(
            parent=f"{comment}/contribution", page_token=page_token
        )
        return await self._stub.ListContributionChanges(request)

    async def exported(self, article: str, *, as_json: bool) -> tuple[str, bytes]:
        """All contributions as one file: its content type and content."""
        request = consultations_pb2.ExportContributionsRequest(name=f"{article}/consultation")
        request.format = consultations_pb2.EXPORT_FORMAT_JSON if as_json else consultations_pb2.EXPORT_FORMAT_CSV
        parts = [part async for part in self._stub.ExportContributions(request)]
        return next((part.content_type for part in parts), "text/plain"), b"".join(part.data for part in parts)
