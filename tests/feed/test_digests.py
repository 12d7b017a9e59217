"""The mail with what is new: on the chosen mornings, once, with what its reader may see when it goes."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from google.api import httpbody_pb2
from plein.feed.v1 import delivery_pb2 as pb
from plein.feed.v1 import delivery_pb2_grpc
from plein.feed.v1 import notifications_pb2 as inbox_pb

from chassis.testing import Answers, World
from services.feed.jobs import digests
from services.feed.jobs.deliveries import Deliveries
from services.feed.jobs.digests import DigestSender
from services.feed.service import SERVICE
from tests.conftest import Start, free_address
from tests.feed.caller import Caller, Meet, refused
from tests.feed.reader import Reader
from tests.feed.staff import Staff, post_in_new_group
from tests.mail_room import MailRoom

ADDRESS = free_address()
# A Sunday evening; the next morning's mail goes at 6:30 UTC.
SUNDAY = datetime(2030, 11, 24, 18, tzinfo=UTC)
MONDAY = datetime(2030, 11, 25, 6, 30, tzinfo=UTC)
ZONE = "Europe/Amsterdam"


@dataclass
class Post:
    """The mail server and the job, at a time that the test says."""

    world: World
    moment: datetime = SUNDAY
    room: MailRoom = field(default_factory=lambda: MailRoom(ADDRESS))

    async def at(self, moment: datetime) -> list[EmailMessage]:
        """Lets the job plan and send what is due at a moment; answers all letters so far."""
        self.moment = moment
        await self.world.caught_up()
        await self.plan()
        resources = self.world.server.resources
        await Deliveries(resources.database, DigestSender(resources), lambda: self.moment).send_due()
        return self.room.letters

    async def plan(self) -> None:
        await digests.plan_due(self.world.server.resources.database, ZONE, self.moment)


@pytest.fixture(scope="module")
def staff() -> Staff:
    return Staff()


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers, staff: Staff) -> World:
    """Feed without its clockwork, which the tests drive."""
    settings = {"smtp_url": f"smtp://{ADDRESS}", "mail_from": "Plein <plein@telwiek.example>"}
    settings |= {"public_url": "https://plein.telwiek.example", "organisation_time_zone": ZONE}
    return await start(replace(SERVICE, background=()), {**answers, **staff.answers}, **settings)


@pytest.fixture
async def post(world: World) -> AsyncIterator[Post]:
    await world.clean()
    opened = Post(world)
    await opened.plan()
    async with opened.room.opened():
        yield opened


@pytest.fixture
async def pair(meet: Meet, staff: Staff) -> tuple[Caller, Caller]:
    """Ada and Bob, who work here."""
    ada, bob = await meet("ada", "bob")
    staff.hire(ada, bob)
    return ada, bob


def parts(letter: EmailMessage) -> tuple[str, str]:
    """The plain text and the HTML."""
    assert letter.get_content_type() == "multipart/alternative"
    text, html = letter.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return text.get_content(), html.get_content()


async def test_on_monday_morning_people_are_told_what_is_new(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, bob = pair
    written = await ada.post("Morning @bob, coffee?")
    await ada.follow(bob)
    assert await post.at(SUNDAY + timedelta(hours=6)) == []
    (letter,) = await post.at(MONDAY)
    assert (letter["To"], letter["From"]) == ("bob@telwiek.example", "Plein <plein@telwiek.example>")
    assert letter["Subject"] == "Ada Bos volgt je, en nog 1 melding"
    text, html = parts(letter)
    for line in (
        "Hallo Bob,",
        "Ada Bos noemde je",
        "Morning @bob, coffee?",
        f"https://plein.telwiek.example/{written.name}",
    ):
        assert line in text
        assert line in html
    assert "deze week" in text


async def test_each_thing_is_mailed_once(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, _ = pair
    await ada.post("Look @bob")
    assert len(await post.at(MONDAY)) == 1
    assert len(await post.at(MONDAY + timedelta(days=7))) == 1
    await ada.post("Once more, @bob")
    letters = await post.at(MONDAY + timedelta(days=14))
    assert len(letters) == 2
    assert "Look @bob" not in parts(letters[1])[0]
    assert letters[0]["Message-ID"] != letters[1]["Message-ID"]


async def test_several_processes_and_a_restart_send_it_once(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, _ = pair
    await ada.post("Look @bob")
    for _ in range(3):
        letters = await post.at(MONDAY)
    assert len(letters) == 1


async def test_who_wants_it_daily_gets_it_on_working_days(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, bob = pair
    await Reader(post.world, bob).want(digest=inbox_pb.DIGEST_FREQUENCY_DAILY)
    counts = []
    for day in range(8):
        await ada.post("Look @bob")
        counts.append(len(await post.at(MONDAY + timedelta(days=day))))
    assert counts == [1, 2, 3, 4, 5, 5, 5, 6]


async def test_who_wants_no_mail_gets_none(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, bob = pair
    await Reader(post.world, bob).want(digest=inbox_pb.DIGEST_FREQUENCY_OFF)
    await ada.post("Look @bob")
    assert await post.at(MONDAY) == []


async def test_it_is_in_the_language_that_somebody_chose(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, bob = pair
    await Reader(post.world, bob).want(language=inbox_pb.NOTIFICATION_LANGUAGE_EN)
    await ada.post("Look @bob")
    (letter,) = await post.at(MONDAY)
    assert letter["Subject"] == "Ada Bos mentioned you"
    assert "Hello Bob," in parts(letter)[0]


async def test_who_chose_no_language_is_addressed_as_hr_says(
    post: Post, pair: tuple[Caller, Caller], staff: Staff
) -> None:
    ada, bob = pair
    staff.hire(bob, language="en")
    await ada.post("Look @bob")
    (letter,) = await post.at(MONDAY)
    assert letter["Subject"] == "Ada Bos mentioned you"


async def test_what_people_write_is_text_in_the_mail(post: Post, pair: tuple[Caller, Caller], staff: Staff) -> None:
    ada, _ = pair
    staff.people[ada.name].family_name = "<b>Bos</b>"
    await ada.post('@bob <img src=x onerror="alert(1)"> & "so"')
    (letter,) = await post.at(MONDAY)
    text, html = parts(letter)
    assert '<img src=x onerror="alert(1)">' in text
    assert "<img" not in html
    assert "<b>" not in html
    assert "&lt;img" in html


async def test_a_name_cannot_add_a_header(post: Post, pair: tuple[Caller, Caller], staff: Staff) -> None:
    ada, _ = pair
    staff.people[ada.name].family_name = "Bos\r\nBcc: all@telwiek.example"
    await ada.post("Look @bob")
    (letter,) = await post.at(MONDAY)
    assert letter["Bcc"] is None


async def test_what_was_deleted_or_read_in_time_is_not_mailed(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, bob = pair
    deleted = await ada.post("Wrong @bob")
    await ada.post("Read already, @bob")
    (told, _) = await Reader(post.world, bob).inbox()
    await Reader(post.world, bob).read(0, told.name)
    await ada.delete(deleted.name)
    assert await post.at(MONDAY) == []


async def test_of_a_group_only_is_told_that_there_is_something(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, bob = pair
    await post_in_new_group(post.world, ada, bob, "Secret plans for @bob")
    (letter,) = await post.at(MONDAY)
    assert letter["Subject"] == "Nieuwe activiteit in een groep"
    for part in parts(letter):
        assert "Secret" not in part
        assert "Ada" not in part


async def test_in_quiet_hours_nothing_is_mailed_but_at_their_end(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, bob = pair
    quiet = inbox_pb.QuietHours(begin="20:00", end="09:00")
    await Reader(post.world, bob).want(quiet_hours=quiet)
    await ada.post("Look @bob")
    assert await post.at(MONDAY) == []
    assert await post.at(MONDAY + timedelta(minutes=89)) == []
    assert len(await post.at(MONDAY + timedelta(minutes=90))) == 1


async def test_who_left_gets_nothing(post: Post, pair: tuple[Caller, Caller], staff: Staff) -> None:
    ada, bob = pair
    await ada.post("Look @bob")
    staff.depart(bob)
    assert await post.at(MONDAY) == []


async def test_whom_identity_forgot_is_somebody(post: Post, pair: tuple[Caller, Caller], staff: Staff) -> None:
    ada, _ = pair
    await ada.post("Look @bob")
    del staff.people[ada.name]
    (letter,) = await post.at(MONDAY)
    assert letter["Subject"] == "Iemand noemde je"


async def test_a_mail_server_that_has_no_time_is_asked_again(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, _ = pair
    post.room.unwanted, post.room.refusal = "bob@", "451 later"
    await ada.post("Look @bob")
    assert await post.at(MONDAY) == []
    post.room.unwanted = ""
    assert len(await post.at(MONDAY + timedelta(minutes=1))) == 1


async def test_a_mail_server_that_refuses_is_not_asked_again(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, _ = pair
    post.room.unwanted = "bob@"
    await ada.post("Look @bob")
    await post.at(MONDAY)
    post.room.unwanted = ""
    assert await post.at(MONDAY + timedelta(hours=1)) == []


async def test_a_morning_that_was_missed_is_made_up_for(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, _ = pair
    await ada.post("Look @bob")
    assert len(await post.at(MONDAY + timedelta(days=1))) == 1


async def test_one_click_stops_it(post: Post, pair: tuple[Caller, Caller]) -> None:
    ada, bob = pair
    await ada.post("Look @bob")
    (letter,) = await post.at(MONDAY)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # Read as it went over the wire: a folded or encoded address would be of no use.
    link = rb"^List-Unsubscribe: <(https://plein\.telwiek\.example/v1/digest:unsubscribe\?token=\S+)>\r$"
    found = re.search(link, post.room.raw[0], re.MULTILINE)
    assert found
    token = parse_qs(urlsplit(found[1].decode()).query)["token"][0]
    nobody: Any = delivery_pb2_grpc.DigestServiceStub(post.world.channel(None))
    page = await nobody.AskToUnsubscribe(pb.AskToUnsubscribeRequest(token=token))
    assert (page.content_type, b'method="post"' in page.data) == ("text/html; charset=utf-8", True)
    assert (await Reader(post.world, bob).settings()).digest != inbox_pb.DIGEST_FREQUENCY_OFF
    form = httpbody_pb2.HttpBody(content_type="application/x-www-form-urlencoded", data=b"List-Unsubscribe=One-Click")
    for _ in range(2):
        await nobody.Unsubscribe(pb.UnsubscribeRequest(token=token, form=form))
    assert (await Reader(post.world, bob).settings()).digest == inbox_pb.DIGEST_FREQUENCY_OFF
    await ada.post("Once more, @bob")
    assert len(await post.at(MONDAY + timedelta(days=7))) == 1


async def test_a_token_that_is_none_of_ours_stops_nothing(post: Post) -> None:
    nobody: Any = delivery_pb2_grpc.DigestServiceStub(post.world.channel(None))
    assert (await refused(nobody.Unsubscribe(pb.UnsubscribeRequest(token="A" * 59)))).reason == "BAD_TOKEN"
