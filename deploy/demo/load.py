"""Brings the demonstration company into a running stack, through the doors that a customer's HR and operator use."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from google.protobuf.descriptor import ServiceDescriptor
from plein.chassis.v1 import audience_pb2
from plein.feed.v1 import feed_pb2, feed_pb2_grpc
from plein.identity.v1 import identity_pb2, identity_pb2_grpc
from plein.profile.v1 import profile_pb2, profile_pb2_grpc

from chassis.neighbours import Neighbours
from deploy.demo.company import BARRIER, Company, Person, company
from deploy.demo.faces import face
from deploy.demo.files import people_csv, photographed
from deploy.demo.groups import Account, Founder, posts_in
from deploy.demo.load_articles import load_articles
from deploy.demo.posts import Activity, Post, Reaction, activity

# What was done, how much of it, and of how much.
Progress = Callable[[str, int, int], None]
# From a personnel number to `people/{person}`.
Names = dict[str, str]
Thing = TypeVar("Thing")

IDENTITY: ServiceDescriptor = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
PROFILE: ServiceDescriptor = profile_pb2.DESCRIPTOR.services_by_name["ProfileService"]
FEED: ServiceDescriptor = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]
# The account that chooses what stands on the front page of articles.
EDITOR = "fatima"
CHUNK_BYTES = 1024 * 1024
BATCH = 500
# So few that those whom they mention fit in one question to identity.
POST_BATCH = 50
# Profile hears of new people from identity's log, so a photo may come before its person.
PHOTO_ROUNDS = 60
PHOTO_PAUSE_SECONDS = 1.0


@dataclass
class Loaded:
    """What came in; what was there before does not count. `problems` are sentences for people."""

    accounts: tuple[Person, ...]
    posts: int = 0
    groups: int = 0
    articles: int = 0
    follows: int = 0
    reactions: int = 0
    photos: int = 0
    problems: list[str] = field(default_factory=list)


def silent(what: str, done: int, total: int) -> None:
    """Shows no progress."""


async def load(
    neighbours: Neighbours,
    people: int = 300,
    *,
    password: str,
    now: datetime | None = None,
    progress: Progress = silent,
) -> Loaded:
    """Loads people, posts and photos as `services/operator`; the accounts sign in with the password.

    Loading again adds nothing: the same people are updated, and posts keep the times that they have.
    Raises ValueError when identity refuses a row.
    """
    now = now or datetime.now(UTC)
    made = company(people, today=now.date())
    identity = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", IDENTITY))
    feed = feed_pb2_grpc.FeedServiceStub(neighbours.as_service("feed", FEED))
    profile = profile_pb2_grpc.ProfileServiceStub(neighbours.as_service("profile", PROFILE))
    loaded = Loaded(made.accounts)
    names = await _load_people(identity, made, progress)
    await _give_roles(identity, made, names)
    await _load_activity(feed, await asyncio.to_thread(activity, made, now=now), names, loaded, progress)
    accounts = await _set_passwords(identity, made, names, password)
    _, _, loaded.articles = await asyncio.gather(
        _load_photos(profile, made, names, loaded, progress),
        _load_groups(Founder(neighbours, accounts), feed, accounts, now, loaded),
        load_articles(neighbours, accounts, EDITOR),
    )
    return loaded


async def _load_people(
    identity: "identity_pb2_grpc.IdentityServiceAsyncStub", made: Company, progress: Progress
) -> Names:
    file = people_csv(made)

    async def parts() -> AsyncIterator[identity_pb2.ImportPeopleRequest]:
        yield identity_pb2.ImportPeopleRequest(options=identity_pb2.ImportOptions())
        for start in range(0, len(file), CHUNK_BYTES):
            yield identity_pb2.ImportPeopleRequest(chunk=file[start : start + CHUNK_BYTES])

    done = 0
    async for answer in identity.ImportPeople(parts()):
        if answer.WhichOneof("part") == "bad_row":
            raise ValueError(f"Line {answer.bad_row.line} did not go in: {answer.bad_row.reason}")
        if answer.WhichOneof("part") == "person":
            done += 1
            progress("people", done, len(made.people))
    one, other = BARRIER
    policy = identity_pb2.BarrierPolicy(barriers=[audience_pb2.Barrier(segment=one, other_segment=other)])
    await identity.UpdateBarrierPolicy(identity_pb2.UpdateBarrierPolicyRequest(policy=policy))
    return await _names(identity)


async def _names(identity: "identity_pb2_grpc.IdentityServiceAsyncStub") -> Names:
    names: Names = {}
    page = await identity.ListPeople(identity_pb2.ListPeopleRequest(page_size=BATCH))
    while True:
        names |= {person.personnel_number: person.name for person in page.people}
        if not page.next_page_token:
            return names
        request = identity_pb2.ListPeopleRequest(page_size=BATCH, page_token=page.next_page_token)
        page = await identity.ListPeople(request)


async def _give_roles(identity: "identity_pb2_grpc.IdentityServiceAsyncStub", made: Company, names: Names) -> None:
    for account in made.accounts:
        for role in account.roles:
            request = identity_pb2.GrantRoleRequest(name=names[account.personnel_number], role=role)
            await identity.GrantRole(request)


async def _load_activity(
    feed: "feed_pb2_grpc.FeedServiceAsyncStub", happened: Activity, names: Names, loaded: Loaded, progress: Progress
) -> None:
    total = sum(map(len, happened.follows.values())) + len(happened.posts) + len(happened.reactions)

    async def parts() -> AsyncIterator[feed_pb2.ImportActivityRequest]:
        done = 0
        for request in activity_requests(happened, names):
            yield request
            done += len(request.follows) + len(request.posts) + len(request.reactions)
            progress("activity", done, total)

    answer = await feed.ImportActivity(parts())
    loaded.posts, loaded.follows = answer.posts_created, answer.follows_created
    loaded.reactions = answer.reactions_created
    loaded.problems += answer.problems


def activity_requests(happened: Activity, names: Names) -> Iterator[feed_pb2.ImportActivityRequest]:
    """Follows first, so that posts find their readers; each post after what it answers or passes on."""
    follows = (
        feed_pb2.ImportedFollow(follower=names[follower], followee=names[followee])
        for follower, followees in happened.follows.items()
        for followee in followees
    )
    posts = (_post(post, names) for post in happened.posts)
    reactions = (_reaction(reaction, names) for reaction in happened.reactions)
    yield from (feed_pb2.ImportActivityRequest(follows=batch) for batch in _batches(follows, BATCH))
    yield from (feed_pb2.ImportActivityRequest(posts=batch) for batch in _batches(posts, POST_BATCH))
    yield from (feed_pb2.ImportActivityRequest(reactions=batch) for batch in _batches(reactions, BATCH))


def _batches(things: Iterator[Thing], most: int) -> Iterator[list[Thing]]:
    while batch := list(islice(things, most)):
        yield batch


def _reaction(reaction: Reaction, names: Names) -> feed_pb2.ImportedReaction:
    return feed_pb2.ImportedReaction(
        post_external_id=reaction.post,
        person=names[reaction.person],
        reaction=feed_pb2.Reaction.Value(f"REACTION_{reaction.reaction}"),
    )


def _post(post: Post, names: Names) -> feed_pb2.ImportedPost:
    kinds = [] if post.reply_to else [audience_pb2.WorkerKind.Value(f"WORKER_KIND_{kind}") for kind in post.kinds]
    imported = feed_pb2.ImportedPost(
        external_id=post.external_id,
        author=names[post.author],
        text=post.text,
        reply_to_external_id=post.reply_to,
        reshare_of_external_id=post.reshare_of,
        audience=audience_pb2.Audience(kinds=kinds),
    )
    imported.create_time.FromDatetime(post.create_time)
    return imported


async def _load_photos(
    profile: "profile_pb2_grpc.ProfileServiceAsyncStub", made: Company, names: Names, loaded: Loaded, progress: Progress
) -> None:
    waiting = {names[person.personnel_number]: person for person in photographed(made)}
    total = len(waiting)
    reasons: dict[str, str] = {}
    for _ in range(PHOTO_ROUNDS):
        refused: dict[str, Person] = {}
        async for answer in profile.ImportPhotos(_photo_requests(waiting)):
            if answer.reason:
                refused[answer.person] = waiting[answer.person]
                reasons[answer.person] = answer.reason
            loaded.photos += answer.changed
            progress("photos", total - len(refused), total)
        waiting = refused
        if not waiting:
            return
        await asyncio.sleep(PHOTO_PAUSE_SECONDS)
    loaded.problems += [f"photo of @{person.handle}: {reasons[name]}" for name, person in waiting.items()]


async def _photo_requests(people: dict[str, Person]) -> AsyncIterator[profile_pb2.ImportPhotosRequest]:
    for name, person in people.items():
        yield profile_pb2.ImportPhotosRequest(person=name, image=await asyncio.to_thread(face, person))


async def _set_passwords(
    identity: "identity_pb2_grpc.IdentityServiceAsyncStub", made: Company, names: Names, password: str
) -> dict[str, Account]:
    """Lets the accounts sign in with the password, and answers them by their handles."""
    handles = {names[person.personnel_number]: person.handle for person in made.accounts}
    accounts: dict[str, Account] = {}
    request = identity_pb2.CreateSignInLinksRequest(people=[names[person.personnel_number] for person in made.accounts])
    answer = await identity.CreateSignInLinks(request)
    for link in answer.links:
        token = link.uri.partition("token=")[2]
        sign_in = identity_pb2.SignInWithLinkRequest(link_token=token, new_password=password, device="Demonstration")
        tokens = await identity.SignInWithLink(sign_in)
        accounts[handles[tokens.person]] = Account(tokens.person, tokens.access_token)
    return accounts


async def _load_groups(
    founder: Founder,
    feed: "feed_pb2_grpc.FeedServiceAsyncStub",
    accounts: dict[str, Account],
    now: datetime,
    loaded: Loaded,
) -> None:
    founded = await founder.found_all(now)

    async def parts() -> AsyncIterator[feed_pb2.ImportActivityRequest]:
        for group in founded:
            yield feed_pb2.ImportActivityRequest(posts=posts_in(group, accounts, now))

    answer = await feed.ImportActivity(parts())
    loaded.groups, loaded.posts = len(founded), loaded.posts + answer.posts_created
    loaded.problems += answer.problems
