"""How people want to be told: which kinds, when, how often, in which language."""

from datetime import time

import pytest
from plein.feed.v1 import notifications_pb2 as pb

from chassis.testing import World
from services.feed.domain.notifications import Kind, QuietHours
from tests.feed.caller import Meet, refused
from tests.feed.reader import Reader


async def test_who_said_nothing_is_told_of_everything(meet: Meet, world: World) -> None:
    ada = Reader(world, (await meet("ada"))[0])
    settings = await ada.settings()
    assert settings.name == f"{ada.caller.name}/notificationSettings"
    assert not settings.muted_kinds
    assert not settings.HasField("quiet_hours")
    assert settings.digest == pb.DIGEST_FREQUENCY_WEEKLY
    assert settings.language == pb.NOTIFICATION_LANGUAGE_NL
    assert list(settings.mail_kinds) == [int(kind) for kind in Kind]
    assert pb.NOTIFICATION_KIND_MENTION in settings.push_kinds
    assert pb.NOTIFICATION_KIND_REACTION not in settings.push_kinds


async def test_what_is_changed_stays_and_the_rest_is_as_it_was(meet: Meet, world: World) -> None:
    ada = Reader(world, (await meet("ada"))[0])
    quiet = pb.QuietHours(begin="22:00", end="07:30", time_zone="Europe/Paris")
    await ada.want(quiet_hours=quiet, digest=pb.DIGEST_FREQUENCY_OFF)
    await ada.want("push_kinds", "language", push_kinds=[pb.NOTIFICATION_KIND_REPLY], digest=pb.DIGEST_FREQUENCY_DAILY)
    settings = await ada.settings()
    assert (settings.quiet_hours, settings.digest) == (quiet, pb.DIGEST_FREQUENCY_OFF)
    assert list(settings.push_kinds) == [pb.NOTIFICATION_KIND_REPLY]
    await ada.want("quiet_hours")
    assert not (await ada.settings()).HasField("quiet_hours")


async def test_stale_settings_are_refused(meet: Meet, world: World) -> None:
    ada = Reader(world, (await meet("ada"))[0])
    first = await ada.settings()
    second = await ada.want(language=pb.NOTIFICATION_LANGUAGE_EN, etag=first.etag)
    refusal = await refused(ada.want(language=pb.NOTIFICATION_LANGUAGE_NL, etag=first.etag))
    assert (refusal.code, refusal.reason) == ("ABORTED", "SETTINGS_CHANGED")
    await ada.want(language=pb.NOTIFICATION_LANGUAGE_NL, etag=second.etag)


async def test_muted_kinds_are_not_told_and_the_next_reason_is(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    inbox = Reader(world, ada)
    post = await ada.post()
    await inbox.want(muted_kinds=[pb.NOTIFICATION_KIND_REPLY, pb.NOTIFICATION_KIND_REACTION])
    await bob.react(post.name)
    await bob.post("No mention", reply_to=post.name)
    assert await inbox.told() == [("REPLY_IN_OWN_THREAD", ["bob"])]
    await inbox.want(muted_kinds=[kind for kind in Kind if kind <= Kind.FOLLOWER])
    await bob.post("@ada", reply_to=post.name)
    await bob.follow(ada)
    assert len(await inbox.inbox()) == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"muted_kinds": [pb.NOTIFICATION_KIND_DECISION]}, "KIND_CANNOT_BE_MUTED"),
        ({"quiet_hours": pb.QuietHours(begin="22:00", end="22:00")}, "EMPTY_QUIET_HOURS"),
        ({"quiet_hours": pb.QuietHours(begin="22:00", end="07:00", time_zone="Mars/North")}, "UNKNOWN_TIME_ZONE"),
        ({"quiet_hours": pb.QuietHours(begin="24:00", end="07:00")}, "BAD_FIELD"),
        ({"muted_kinds": [0]}, "BAD_FIELD"),
    ],
)
async def test_settings_that_make_no_sense_are_refused(
    meet: Meet, world: World, fields: dict[str, object], reason: str
) -> None:
    ada = Reader(world, (await meet("ada"))[0])
    refusal = await refused(ada.want(**fields))
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", reason)


async def test_fields_that_are_none_are_refused(meet: Meet, world: World) -> None:
    ada = Reader(world, (await meet("ada"))[0])
    assert (await refused(ada.want("etag"))).fields == ("update_mask",)


async def test_others_settings_are_as_unknown_as_nobodys(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    inbox = Reader(world, ada)
    unknown = "people/01993e54-0000-7000-8000-000000000000/notificationSettings"
    names = [f"{bob.name}/notificationSettings", unknown]
    asked = [await refused(inbox.api.GetNotificationSettings(pb.GetNotificationSettingsRequest(name=n))) for n in names]
    assert asked[0].code == "NOT_FOUND"
    assert asked[0].without(names[0]) == asked[1].without(names[1])


def test_quiet_hours_may_go_over_midnight() -> None:
    night, noon = QuietHours(time(22), time(7, 30)), QuietHours(time(12), time(13))
    assert [night.cover(time(hour)) for hour in (21, 22, 0, 7, 8)] == [False, True, True, True, False]
    assert not night.cover(time(7, 30))
    assert [noon.cover(time(hour)) for hour in (11, 12, 13)] == [False, True, False]
