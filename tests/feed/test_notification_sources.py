"""What groups, blog and moderation tell: who sees what, what is hidden, and whom it concerns."""

from collections.abc import Callable
from datetime import UTC
from uuid import UUID, uuid4

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from plein.blog.v1 import events_pb2 as blog_pb2
from plein.chassis.v1 import audience_pb2
from plein.chassis.v1.events_pb2 import SubjectHeld
from plein.feed.v1 import notifications_pb2 as pb
from plein.groups.v1 import events_pb2 as groups_pb2
from plein.moderation.v1 import events_pb2 as moderation_pb2
from plein.moderation.v1.moderation_pb2 import VERDICT_NO_ACTION, VERDICT_WARN

from chassis.testing import World
from tests.feed.caller import Caller, Meet, refused
from tests.feed.reader import Reader

Of = Callable[[Caller], Reader]


@pytest.fixture
def of(world: World) -> Of:
    return lambda caller: Reader(world, caller)


def named(collection: str) -> str:
    return f"{collection}/{uuid4()}"


def named_id(name: str) -> UUID:
    return UUID(name.rpartition("/")[2])


async def in_groups(world: World, *messages: Message) -> None:
    await world.tell("groups/any", *messages, source="groups")


async def in_blog(world: World, *messages: Message) -> None:
    await world.tell("articles/any", *messages, source="blog")


async def in_moderation(world: World, *messages: Message) -> None:
    await world.tell("cases/any", *messages, source="moderation")


async def joined(world: World, group: str, *people: Caller) -> None:
    await in_groups(world, *(groups_pb2.MemberJoined(group=group, person=person.name) for person in people))


def subjects(found: list[pb.Notification]) -> list[tuple[str, str]]:
    return [(notification.subject, notification.newest) for notification in found]


async def test_who_is_let_in_is_told_and_the_keepers_no_longer(meet: Meet, world: World, of: Of) -> None:
    kim, bob = await meet("kim", "bob")
    group = named("groups")
    await joined(world, group, kim)
    asks = groups_pb2.MembershipRequested(group=group, person=bob.name, keepers=[kim.name, bob.name])
    await in_groups(world, asks)
    assert await of(kim).told() == [("MEMBERSHIP_REQUEST", ["bob"])]
    assert await of(bob).told() == []
    await in_groups(world, groups_pb2.MemberJoined(group=group, person=bob.name, admitted_by=kim.name))
    assert await of(kim).told() == []
    assert await of(bob).told() == [("MEMBERSHIP_BEGUN", ["kim"])]
    assert subjects(await of(bob).inbox()) == [(group, "")]
    await in_groups(world, groups_pb2.MemberRemoved(group=group, person=bob.name))
    assert await of(bob).told() == [("MEMBERSHIP_ENDED", []), ("MEMBERSHIP_BEGUN", ["kim"])]


async def test_an_invitation_is_told_until_it_ends(meet: Meet, world: World, of: Of) -> None:
    kim, bob = await meet("kim", "bob")
    group = named("groups")
    sent = groups_pb2.InvitationSent(group=group, person=bob.name, inviter=kim.name)
    ended = groups_pb2.InvitationEnded(group=group, person=bob.name)
    await in_groups(world, sent)
    assert await of(bob).told() == [("INVITATION", ["kim"])]
    await in_groups(world, ended)
    assert await of(bob).told() == []
    await in_groups(world, sent, ended, sent)
    assert await of(bob).told() == [("INVITATION", ["kim"])]


async def test_an_event_of_a_group_is_for_those_who_are_in_it(meet: Meet, world: World, of: Of) -> None:
    kim, bob, eva, zoe = await meet("kim", "bob", "eva", "zoe")
    group = named("groups")
    event = f"{group}/events/{uuid4()}"
    await joined(world, group, kim, bob, eva)
    await in_groups(world, groups_pb2.GroupEventCreated(event=event, organiser=kim.name))
    for person in (bob, eva):
        assert await of(person).told() == [("GROUP_EVENT", ["kim"])]
        assert subjects(await of(person).inbox()) == [(group, event)]
    assert [await of(person).told() for person in (kim, zoe)] == [[], []]
    await in_groups(world, groups_pb2.MemberLeft(group=group, person=bob.name))
    assert await of(bob).told() == []
    assert await of(bob).unread() == 0
    await in_groups(world, groups_pb2.GroupEventCancelled(event=event))
    assert await of(eva).told() == []


async def test_who_comes_to_an_event_hears_what_becomes_of_it(meet: Meet, world: World, of: Of) -> None:
    kim, bob, eva, zoe = await meet("kim", "bob", "eva", "zoe")
    group = named("groups")
    event = f"{group}/events/{uuid4()}"
    await joined(world, group, kim, bob, eva)
    guests = [kim.name, bob.name, zoe.name]
    changed = groups_pb2.GroupEventChanged(event=event, actor=kim.name, moved=True, people=guests)
    await in_groups(world, changed, groups_pb2.GroupEventReminded(event=event, people=guests))
    await in_groups(world, groups_pb2.GroupEventPlacesGained(event=event, people=[bob.name]))
    reminded: list[tuple[str, list[str]]] = [("GROUP_EVENT_REMINDER", [])]
    assert await of(bob).told() == [("GROUP_EVENT_PLACE", []), *reminded, ("GROUP_EVENT_CHANGED", ["kim"])]
    assert subjects(await of(bob).inbox()) == [(group, event)] * 3
    assert await of(kim).told() == reminded
    assert [await of(person).told() for person in (eva, zoe)] == [[], []]
    await in_groups(world, groups_pb2.MemberLeft(group=group, person=bob.name))
    assert await of(bob).told() == []


async def test_what_is_called_off_is_told_to_those_who_meant_to_come(meet: Meet, world: World, of: Of) -> None:
    kim, bob, eva = await meet("kim", "bob", "eva")
    group = named("groups")
    event = f"{group}/events/{uuid4()}"
    await joined(world, group, kim, bob, eva)
    await in_groups(world, groups_pb2.GroupEventCreated(event=event, organiser=kim.name))
    await in_groups(world, groups_pb2.GroupEventCancelled(event=event, actor=kim.name, people=[bob.name]))
    assert await of(bob).told() == [("GROUP_EVENT_CHANGED", ["kim"])]
    assert await of(eva).told() == []


async def test_an_event_that_moderation_hides_is_told_no_more(meet: Meet, world: World, of: Of) -> None:
    kim, bob = await meet("kim", "bob")
    group = named("groups")
    event = f"{group}/events/{uuid4()}"
    await joined(world, group, kim, bob)
    await in_groups(world, groups_pb2.GroupEventCreated(event=event, organiser=kim.name))
    assert await of(bob).told() == [("GROUP_EVENT", ["kim"])]
    await in_groups(world, groups_pb2.GroupContentHidden(name=event))
    assert await of(bob).told() == []


async def test_a_deleted_group_has_no_members(meet: Meet, world: World) -> None:
    (bob,) = await meet("bob")
    group, access = named("groups"), world.server.resources.access
    await joined(world, group, bob)
    assert access.can_view(bob.id, bob.id, group=named_id(group))
    await in_groups(world, groups_pb2.GroupDeleted(group=group))
    assert not access.can_view(bob.id, bob.id, group=named_id(group))


async def test_a_member_sees_as_much_of_the_past_as_groups_says(meet: Meet, world: World) -> None:
    (bob,) = await meet("bob")
    group, access = named("groups"), world.server.resources.access
    since = Timestamp(seconds=1_700_000_000)
    await in_groups(world, groups_pb2.MemberJoined(group=group, person=bob.name, history_since=since))
    seen = [
        access.can_view(bob.id, bob.id, group=named_id(group), create_time=moment)
        for moment in (Timestamp(seconds=second).ToDatetime(UTC) for second in (1_699_999_999, 1_700_000_000))
    ]
    assert seen == [False, True]


async def test_an_article_is_told_to_subscribers_who_may_see_it(meet: Meet, world: World, of: Of) -> None:
    ada, bob, eva, xavi = [*await meet("ada", "bob", "eva"), *await meet("xavi", kind="EXTERNAL")]
    article, blog = named("articles"), named("blogs")
    audience = audience_pb2.Audience(kinds=[audience_pb2.WORKER_KIND_EMPLOYEE])
    published = blog_pb2.ArticlePublished(
        article=article,
        blog=blog,
        author=ada.name,
        audience=audience,
        subscribers=[person.name for person in (ada, bob, eva, xavi)],
        mentioned=[eva.name],
    )
    await in_blog(world, published)
    assert await of(bob).told() == [("ARTICLE", ["ada"])]
    assert subjects(await of(bob).inbox()) == [(blog, article)]
    assert await of(eva).told() == [("MENTION", ["ada"])]
    assert [await of(person).told() for person in (ada, xavi)] == [[], []]
    external = audience_pb2.Audience(kinds=[audience_pb2.WORKER_KIND_EXTERNAL])
    await in_blog(world, blog_pb2.ArticleAudienceChanged(article=article, audience=external))
    assert await of(bob).told() == []
    await in_blog(world, blog_pb2.ArticleAudienceChanged(article=article, audience=audience))
    assert await of(bob).unread() == 1
    await in_blog(world, blog_pb2.ArticleWithdrawn(article=article))
    assert await of(bob).inbox() == []


async def test_an_article_that_is_told_in_several_events_is_told_once_to_each(meet: Meet, world: World, of: Of) -> None:
    """As blog tells it to more than 500; also to who is named in two of them."""
    ada, bob, eva = await meet("ada", "bob", "eva")
    first = blog_pb2.ArticlePublished(article=named("articles"), blog=named("blogs"), author=ada.name)
    later = blog_pb2.ArticlePublished(article=first.article, blog=first.blog, author=ada.name)
    first.subscribers.append(bob.name)
    first.mentioned.append(eva.name)
    later.subscribers.extend([eva.name, bob.name])
    await in_blog(world, first)
    await in_blog(world, later)
    assert await of(bob).told() == [("ARTICLE", ["ada"])]
    assert await of(eva).told() == [("MENTION", ["ada"])]
    assert [await of(person).unread() for person in (bob, eva)] == [1, 1]


async def test_comments_are_told_to_whom_they_answer(meet: Meet, world: World, of: Of) -> None:
    ada, bob, eva = await meet("ada", "bob", "eva")
    article, first, second = named("articles"), named("comments"), named("comments")
    await in_blog(
        world,
        blog_pb2.ArticlePublished(article=article, author=ada.name),
        blog_pb2.CommentCreated(comment=first, article=article, author=bob.name),
        blog_pb2.CommentCreated(
            comment=second, article=article, author=eva.name, reply_to=first, reply_to_author=bob.name
        ),
        blog_pb2.ContributionAnswered(comment=first, article=article, contributor=bob.name, answerer=ada.name),
    )
    assert await of(ada).told() == [("COMMENT", ["eva", "bob"])]
    assert await of(bob).told() == [("CONTRIBUTION_ANSWERED", ["ada"]), ("COMMENT_REPLY", ["eva"])]
    assert subjects(await of(ada).inbox()) == [(article, second)]
    await in_blog(world, blog_pb2.CommentDeleted(comment=second))
    assert await of(ada).told() == [("COMMENT", ["bob"])]
    assert await of(bob).told() == [("CONTRIBUTION_ANSWERED", ["ada"])]


async def test_who_is_mentioned_in_a_changed_comment_is_told_once(meet: Meet, world: World, of: Of) -> None:
    ada, bob, eva = await meet("ada", "bob", "eva")
    article, comment = named("articles"), named("comments")
    edited = blog_pb2.CommentEdited(comment=comment, article=article, author=bob.name, newly_mentioned=[eva.name])
    await in_blog(
        world,
        blog_pb2.ArticlePublished(article=article, author=ada.name),
        blog_pb2.CommentCreated(comment=comment, article=article, author=bob.name),
        edited,
        edited,
    )
    assert await of(eva).told() == [("MENTION", ["bob"])]
    await in_blog(world, blog_pb2.CommentDeleted(comment=comment))
    assert await of(eva).told() == []


async def test_a_comment_that_a_filter_holds_is_told_once_it_was_judged(meet: Meet, world: World, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    article, comment = named("articles"), named("comments")
    await in_blog(
        world,
        blog_pb2.ArticlePublished(article=article, author=ada.name),
        blog_pb2.CommentCreated(comment=comment, article=article, author=bob.name),
        SubjectHeld(subject=comment),
    )
    assert await of(ada).told() == []
    await in_moderation(world, moderation_pb2.SubjectHidden(subject=comment))
    assert await of(ada).told() == []
    await in_moderation(world, moderation_pb2.SubjectRestored(subject=comment))
    assert await of(ada).told() == [("COMMENT", ["bob"])]


async def test_who_contributed_is_told_of_the_summary(meet: Meet, world: World, of: Of) -> None:
    ada, bob, eva = await meet("ada", "bob", "eva")
    article, summary = named("articles"), named("articles")
    summarised = blog_pb2.ConsultationSummarised(article=article, summary=summary, person=ada.name)
    summarised.contributors.extend([bob.name, eva.name])
    await in_blog(world, blog_pb2.ArticlePublished(article=article, author=ada.name), summarised)
    for person in (bob, eva):
        assert await of(person).told() == [("CONTRIBUTION_ANSWERED", ["ada"])]
        assert subjects(await of(person).inbox()) == [(article, summary)]


async def test_a_hidden_post_is_for_its_author_alone_who_is_told(meet: Meet, world: World, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post = await ada.post("@bob")
    await world.caught_up()
    assert await bob.home_names() == [post.name]
    await in_moderation(world, moderation_pb2.SubjectHidden(subject=post.name))
    await world.caught_up()
    assert (await refused(bob.read(post.name))).code == "NOT_FOUND"
    assert await bob.home_names() == []
    assert await ada.home_names() == [post.name]
    assert await of(bob).told() == []
    assert await of(ada).told() == [("CONTENT_HIDDEN", []), ("FOLLOWER", ["bob"])]
    assert subjects(await of(ada).inbox())[0] == (post.name, post.name)
    await in_moderation(world, moderation_pb2.SubjectRestored(subject=post.name))
    await world.caught_up()
    assert await bob.home_names() == [post.name]
    assert await of(bob).told() == [("MENTION", ["ada"])]
    assert [kind for kind, _ in await of(ada).told()] == ["CONTENT_RESTORED", "CONTENT_HIDDEN", "FOLLOWER"]


async def test_whom_an_article_mentions_later_is_told_once(meet: Meet, world: World, of: Of) -> None:
    ada, bob, eva = await meet("ada", "bob", "eva")
    article = named("articles")
    await in_blog(world, blog_pb2.ArticlePublished(article=article, author=ada.name, mentioned=[eva.name]))
    again = blog_pb2.ArticleEdited(article=article, newly_mentioned=[bob.name])
    await in_blog(world, again, again, blog_pb2.ArticleEdited(article=named("articles"), newly_mentioned=[eva.name]))
    for reader in (bob, eva):
        assert await of(reader).told() == [("MENTION", ["ada"])]


async def test_what_is_hidden_in_a_blog_is_no_longer_told(meet: Meet, world: World, of: Of) -> None:
    ada, bob, eva = await meet("ada", "bob", "eva")
    article, comment, late = named("articles"), named("comments"), named("comments")
    await in_blog(
        world,
        blog_pb2.ArticlePublished(article=article, author=ada.name, mentioned=[eva.name]),
        blog_pb2.CommentCreated(comment=comment, article=article, author=bob.name, mentioned=[eva.name]),
    )
    assert await of(eva).told() == [("MENTION", ["bob", "ada"])]
    await in_moderation(world, moderation_pb2.SubjectHidden(subject=late))
    await in_moderation(world, moderation_pb2.SubjectHidden(subject=comment))
    await in_blog(world, blog_pb2.CommentCreated(comment=late, article=article, author=bob.name))
    assert await of(eva).told() == [("MENTION", ["ada"])]
    assert await of(ada).told() == []
    await in_moderation(world, moderation_pb2.SubjectHidden(subject=article))
    assert await of(eva).told() == []
    assert await of(ada).told() == [("CONTENT_HIDDEN", [])]
    for subject in (article, comment):
        await in_moderation(world, moderation_pb2.SubjectRestored(subject=subject))
    assert await of(eva).told() == [("MENTION", ["bob", "ada"])]
    assert await of(eva).unread() == 1


async def test_what_is_hidden_with_its_blog_is_no_longer_told(meet: Meet, world: World, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    blog, article, other = named("blogs"), named("articles"), named("articles")
    await in_blog(
        world,
        blog_pb2.ArticlePublished(article=article, blog=blog, author=ada.name, mentioned=[bob.name]),
        blog_pb2.ArticlePublished(article=other, blog=named("blogs"), author=ada.name, mentioned=[bob.name]),
    )
    assert subjects(await of(bob).inbox()) == [(other, other), (article, article)]
    for event in (moderation_pb2.SubjectHidden, moderation_pb2.SubjectRemoved):
        await in_moderation(world, event(subject=blog))
        assert subjects(await of(bob).inbox()) == [(other, other)]
        assert await of(bob).unread() == 1
    await in_moderation(world, moderation_pb2.SubjectRestored(subject=blog))
    assert subjects(await of(bob).inbox()) == [(other, other), (article, article)]


async def test_a_decision_is_told_to_whom_it_concerns_and_no_action_to_nobody(meet: Meet, world: World, of: Of) -> None:
    ada, bob = await meet("ada", "bob")
    case, other, subject = named("cases"), named("cases"), named("posts")
    decision = moderation_pb2.DecisionMade(case=case, subject=subject, person=ada.name, verdict=VERDICT_WARN)
    nothing = moderation_pb2.DecisionMade(case=other, subject=subject, person=bob.name, verdict=VERDICT_NO_ACTION)
    await in_moderation(world, decision, nothing)
    assert subjects(await of(ada).inbox()) == [(case, subject)]
    assert await of(bob).told() == []
    await in_moderation(world, moderation_pb2.AppealDecided(case=case, person=ada.name, verdict=VERDICT_WARN))
    assert await of(ada).told() == [("APPEAL_DECIDED", []), ("DECISION", [])]
