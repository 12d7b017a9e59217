"""What people do with tags, groups and each other, in the words that the tests use."""

from typing import Any
from uuid import UUID

from plein.feed.v1 import feed_pb2, relations_pb2, relations_pb2_grpc

from chassis.audience import drop_membership, keep_membership
from chassis.testing import World
from tests.feed.caller import Caller, walked


def relations(caller: Caller) -> "relations_pb2_grpc.RelationServiceAsyncStub":
    """Everything that RelationService offers."""
    return relations_pb2_grpc.RelationServiceStub(caller.channel)


async def follow_tag(caller: Caller, tag: str) -> relations_pb2.TagFollow:
    return await relations(caller).FollowTag(relations_pb2.FollowTagRequest(name=f"tags/{tag}"))


async def unfollow_tag(caller: Caller, tag: str) -> None:
    await relations(caller).UnfollowTag(relations_pb2.UnfollowTagRequest(name=f"tags/{tag}"))


async def followed_tags(caller: Caller, size: int = 100) -> list[str]:
    request = relations_pb2.ListFollowedTagsRequest(page_size=size)
    return [follow.tag.removeprefix("tags/") for follow in await walked(relations(caller).ListFollowedTags, request)]


async def follow_group(caller: Caller, group: UUID) -> relations_pb2.GroupFollow:
    return await relations(caller).FollowGroup(relations_pb2.FollowGroupRequest(name=f"groups/{group}"))


async def unfollow_group(caller: Caller, group: UUID) -> None:
    await relations(caller).UnfollowGroup(relations_pb2.UnfollowGroupRequest(name=f"groups/{group}"))


async def followed_groups(caller: Caller, size: int = 100) -> list[UUID]:
    request = relations_pb2.ListFollowedGroupsRequest(page_size=size)
    found = await walked(relations(caller).ListFollowedGroups, request)
    return [UUID(follow.group.removeprefix("groups/")) for follow in found]


async def join(world: World, group: UUID, *members: Caller) -> None:
    """Lets feed have heard that people are members of a group."""
    await world.caught_up("groups")
    resources = world.server.resources
    async with resources.database.transaction() as tx:
        for member in members:
            await keep_membership(tx, group, member.id)
    await resources.access.refresh(resources.database)


async def leave(world: World, group: UUID, *members: Caller) -> None:
    """Lets feed have heard that people are no members of a group any more."""
    resources = world.server.resources
    async with resources.database.transaction() as tx:
        for member in members:
            await drop_membership(tx, group, member.id)
    await resources.access.refresh(resources.database)


async def block(caller: Caller, *others: Caller) -> None:
    for other in others:
        await relations(caller).BlockPerson(relations_pb2.BlockPersonRequest(name=other.name))


async def unblock(caller: Caller, other: Caller) -> None:
    await relations(caller).UnblockPerson(relations_pb2.UnblockPersonRequest(name=other.name))


async def blocked(caller: Caller, size: int = 100) -> list[str]:
    request = relations_pb2.ListBlockedPeopleRequest(page_size=size)
    return [found.person for found in await walked(relations(caller).ListBlockedPeople, request)]


async def mute(caller: Caller, *others: Caller) -> None:
    for other in others:
        await relations(caller).MutePerson(relations_pb2.MutePersonRequest(name=other.name))


async def unmute(caller: Caller, other: Caller) -> None:
    await relations(caller).UnmutePerson(relations_pb2.UnmutePersonRequest(name=other.name))


async def mute_tag(caller: Caller, tag: str) -> str:
    return (await relations(caller).MuteTag(relations_pb2.MuteTagRequest(name=f"tags/{tag}"))).muted


async def unmute_tag(caller: Caller, tag: str) -> None:
    await relations(caller).UnmuteTag(relations_pb2.UnmuteTagRequest(name=f"tags/{tag}"))


async def mute_thread(caller: Caller, post: str) -> str:
    return (await relations(caller).MuteThread(relations_pb2.MuteThreadRequest(name=post))).muted


async def unmute_thread(caller: Caller, post: str) -> None:
    await relations(caller).UnmuteThread(relations_pb2.UnmuteThreadRequest(name=post))


async def mute_group(caller: Caller, group: str) -> str:
    return (await relations(caller).MuteGroup(relations_pb2.MuteGroupRequest(name=group))).muted


async def unmute_group(caller: Caller, group: str) -> None:
    await relations(caller).UnmuteGroup(relations_pb2.UnmuteGroupRequest(name=group))


async def muted(caller: Caller, kind: str, size: int = 100) -> list[str]:
    """What the caller muted of a kind: people, tags, threads or groups."""
    api = relations(caller)
    lists: dict[str, tuple[Any, Any]] = {
        "people": (api.ListMutedPeople, relations_pb2.ListMutedPeopleRequest(page_size=size)),
        "tags": (api.ListMutedTags, relations_pb2.ListMutedTagsRequest(page_size=size)),
        "groups": (api.ListMutedGroups, relations_pb2.ListMutedGroupsRequest(page_size=size)),
        "threads": (api.ListMutedThreads, relations_pb2.ListMutedThreadsRequest(page_size=size)),
    }
    return [mute.muted for mute in await walked(*lists[kind])]


async def bookmark(caller: Caller, post: str) -> feed_pb2.Post:
    return await relations(caller).BookmarkPost(relations_pb2.BookmarkPostRequest(name=post))


async def remove_bookmark(caller: Caller, post: str) -> feed_pb2.Post:
    return await relations(caller).RemoveBookmark(relations_pb2.RemoveBookmarkRequest(name=post))


async def bookmarked(caller: Caller, size: int = 100) -> list[str]:
    request = relations_pb2.ListBookmarkedPostsRequest(page_size=size)
    return [post.name for post in await walked(relations(caller).ListBookmarkedPosts, request)]


async def mutuals(caller: Caller, person: str, size: int = 100) -> list[str]:
    request = relations_pb2.ListMutualsRequest(parent=person, page_size=size)
    return [follow.follower for follow in await walked(relations(caller).ListMutuals, request)]


async def follow_counts(caller: Caller, person: str) -> tuple[int, int]:
    """How many follow a person, and how many the person follows."""
    counts = await relations(caller).GetFollowCounts(relations_pb2.GetFollowCountsRequest(name=person))
    return counts.follower_count, counts.following_count


async def suggestions(caller: Caller, size: int = 100) -> list[relations_pb2.SuggestedPerson]:
    request = relations_pb2.ListSuggestedPeopleRequest(page_size=size)
    return await walked(relations(caller).ListSuggestedPeople, request)


async def dismiss(caller: Caller, other: Caller) -> None:
    await relations(caller).DismissSuggestion(relations_pb2.DismissSuggestionRequest(name=other.name))
