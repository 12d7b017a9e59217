"""The calls that the web site makes to the services."""

from collections.abc import Iterable

import grpc
from google.api import httpbody_pb2
from plein.feed.v1 import (
    feed_pb2,
    feed_pb2_grpc,
    media_pb2,
    media_pb2_grpc,
    notifications_pb2,
    notifications_pb2_grpc,
    relations_pb2,
    relations_pb2_grpc,
)
from plein.identity.v1 import identity_pb2, identity_pb2_grpc
from plein.moderation.v1 import moderation_pb2, moderation_pb2_grpc
from plein.profile.v1 import profile_pb2, profile_pb2_grpc

from chassis.neighbours import Neighbours

CALLS = ("identity", "profile", "feed", "groups", "blog", "moderation")
COUNT_SECONDS = 1.0


class Identity:
    """Signing in and out. Asked in the site's own name, but for what the reader does with the own session."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
        self._own = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", api))
        self._reader = identity_pb2_grpc.IdentityServiceStub(neighbours.as_viewer("identity", api))

    async def sign_in(self, login: str, password: str, device: str) -> identity_pb2.Tokens:
        return await self._own.SignIn(identity_pb2.SignInRequest(login=login, password=password, device=device))

    async def sign_in_with_link(self, token: str, password: str, device: str) -> identity_pb2.Tokens:
        request = identity_pb2.SignInWithLinkRequest(link_token=token, new_password=password, device=device)
        return await self._own.SignInWithLink(request)

    async def refresh(self, refresh_token: str) -> identity_pb2.Tokens | None:
        """Fresh tokens, or None when the session has ended."""
        try:
            return await self._own.RefreshTokens(identity_pb2.RefreshTokensRequest(refresh_token=refresh_token))
        except grpc.aio.AioRpcError as error:
            if error.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INVALID_ARGUMENT):
                return None
            raise

    async def sign_out(self) -> None:
        await self._reader.SignOut(identity_pb2.SignOutRequest())


class Profile:
    """People as they show themselves."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = profile_pb2.DESCRIPTOR.services_by_name["ProfileService"]
        self._stub = profile_pb2_grpc.ProfileServiceStub(neighbours.as_viewer("profile", api))

    async def profile(self, name: str) -> profile_pb2.Profile:
        return await self._stub.GetProfile(profile_pb2.GetProfileRequest(name=name))

    async def profiles_of(self, people: Iterable[str]) -> dict[str, profile_pb2.Profile]:
        """`people/…` → profile; those whom the reader may not see are left out."""
        names = sorted({person.replace("people/", "profiles/") for person in people if person})[:200]
        if not names:
            return {}
        answer = await self._stub.BatchGetProfiles(profile_pb2.BatchGetProfilesRequest(names=names))
        return {profile.person: profile for profile in answer.profiles}

    async def search(self, query: str, page_token: str) -> profile_pb2.SearchProfilesResponse:
        return await self._stub.SearchProfiles(profile_pb2.SearchProfilesRequest(query=query, page_token=page_token))

    async def photo(self, name: str) -> httpbody_pb2.HttpBody:
        return await self._stub.GetPhoto(profile_pb2.GetPhotoRequest(name=name))


class Feed:
    """Posts and timelines."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]
        self._stub = feed_pb2_grpc.FeedServiceStub(neighbours.as_viewer("feed", api))

    async def home(self, page_token: str) -> feed_pb2.ListHomePostsResponse:
        return await self._stub.ListHomePosts(feed_pb2.ListHomePostsRequest(page_token=page_token))

    async def everyone(self, page_token: str) -> feed_pb2.ListEveryonePostsResponse:
        return await self._stub.ListEveryonePosts(feed_pb2.ListEveryonePostsRequest(page_token=page_token))

    async def of_person(self, person: str, page_token: str) -> feed_pb2.ListPersonPostsResponse:
        return await self._stub.ListPersonPosts(feed_pb2.ListPersonPostsRequest(parent=person, page_token=page_token))

    async def with_tag(self, tag: str, page_token: str) -> feed_pb2.ListTagPostsResponse:
        return await self._stub.ListTagPosts(feed_pb2.ListTagPostsRequest(parent=tag, page_token=page_token))

    async def post(self, name: str) -> feed_pb2.Post:
        return await self._stub.GetPost(feed_pb2.GetPostRequest(name=name))

    async def replies(self, name: str, page_token: str) -> feed_pb2.ListRepliesResponse:
        return await self._stub.ListReplies(feed_pb2.ListRepliesRequest(parent=name, page_token=page_token))

    async def write(
        self, text: str, reply_to: str, group: str, request_id: str, *, warnings_accepted: bool = False
    ) -> feed_pb2.Post:
        """Writes for everyone, or for those whom a reply's thread or a group reaches."""
        request = feed_pb2.CreatePostRequest(request_id=request_id, warnings_accepted=warnings_accepted)
        request.post.text, request.post.reply_to = text, reply_to
        request.post.audience.group = group
        return await self._stub.CreatePost(request)

    async def reshare(
        self, name: str, text: str = "", request_id: str = "", *, warnings_accepted: bool = False
    ) -> feed_pb2.Post:
        """Passes a post on to those for whom it was meant, with a comment if there is a text."""
        original = await self.post(name)
        post = feed_pb2.Post(text=text, reshare_of=name, audience=original.audience)
        request = feed_pb2.CreatePostRequest(post=post, request_id=request_id, warnings_accepted=warnings_accepted)
        return await self._stub.CreatePost(request)

    async def undo_reshare(self, name: str) -> None:
        await self._stub.UndoReshare(feed_pb2.UndoReshareRequest(name=name))

    async def vote(self, name: str, choices: list[int]) -> None:
        await self._stub.Vote(feed_pb2.VoteRequest(name=name, choices=choices))

    async def revisions(self, name: str, page_token: str) -> feed_pb2.ListPostRevisionsResponse:
        request = feed_pb2.ListPostRevisionsRequest(parent=name, page_token=page_token)
        return await self._stub.ListPostRevisions(request)

    async def react(self, name: str, reaction: int) -> None:
        if reaction:
            sort = feed_pb2.Reaction.ValueType(reaction)
            await self._stub.ReactToPost(feed_pb2.ReactToPostRequest(name=name, reaction=sort))
        else:
            await self._stub.RemoveReaction(feed_pb2.RemoveReactionRequest(name=name))

    async def delete(self, name: str) -> None:
        await self._stub.DeletePost(feed_pb2.DeletePostRequest(name=name))

    async def follow(self, person: str, follows: bool) -> None:
        if follows:
            await self._stub.FollowPerson(feed_pb2.FollowPersonRequest(name=person))
        else:
            await self._stub.UnfollowPerson(feed_pb2.UnfollowPersonRequest(name=person))

    async def is_followed(self, person: str) -> bool:
        """Whether the reader follows somebody."""
        try:
            await self._stub.GetFollow(feed_pb2.GetFollowRequest(name=person))
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.NOT_FOUND:
                return False
            raise
        return True


class Relations:
    """What the reader keeps for later."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = relations_pb2.DESCRIPTOR.services_by_name["RelationService"]
        self._stub = relations_pb2_grpc.RelationServiceStub(neighbours.as_viewer("feed", api))

    async def bookmark(self, name: str, bookmarked: bool) -> None:
        if bookmarked:
            await self._stub.BookmarkPost(relations_pb2.BookmarkPostRequest(name=name))
        else:
            await self._stub.RemoveBookmark(relations_pb2.RemoveBookmarkRequest(name=name))

    async def bookmarked(self, page_token: str) -> relations_pb2.ListBookmarkedPostsResponse:
        request = relations_pb2.ListBookmarkedPostsRequest(page_token=page_token)
        return await self._stub.ListBookmarkedPosts(request)


class Media:
    """Images of posts."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = media_pb2.DESCRIPTOR.services_by_name["MediaService"]
        self._stub = media_pb2_grpc.MediaServiceStub(neighbours.as_viewer("feed", api))

    async def image(self, name: str) -> httpbody_pb2.HttpBody:
        return await self._stub.GetImageContent(media_pb2.GetImageContentRequest(name=name))


class Inbox:
    """What the reader is told."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = notifications_pb2.DESCRIPTOR.services_by_name["NotificationService"]
        self._stub = notifications_pb2_grpc.NotificationServiceStub(neighbours.as_viewer("feed", api))

    async def unread(self) -> int:
        """How many notifications are unread; 0 when that cannot be told, for it stands on every page."""
        try:
            request = notifications_pb2.CountUnreadNotificationsRequest()
            answer = await self._stub.CountUnreadNotifications(request, timeout=COUNT_SECONDS)
        except grpc.aio.AioRpcError:
            return 0
        return answer.unread_count

    async def notifications(self, page_token: str) -> notifications_pb2.ListNotificationsResponse:
        return await self._stub.ListNotifications(notifications_pb2.ListNotificationsRequest(page_token=page_token))

    async def mark_read(self, up_to_position: int) -> None:
        request = notifications_pb2.MarkNotificationsReadRequest(up_to_position=up_to_position)
        await self._stub.MarkNotificationsRead(request)


class Moderation:
    """Reports of abuse."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = moderation_pb2.DESCRIPTOR.services_by_name["ModerationService"]
        self._stub = moderation_pb2_grpc.ModerationServiceStub(neighbours.as_viewer("moderation", api))

    async def report(self, subject: str, reason: int, note: str, request_id: str) -> moderation_pb2.Report:
        report = moderation_pb2.Report(subject=subject, note=note)
        report.reason = moderation_pb2.ReportReason.ValueType(reason)
        return await self._stub.CreateReport(moderation_pb2.CreateReportRequest(report=report, request_id=request_id))
