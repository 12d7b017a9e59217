"""Mails people what is new, on the mornings that they chose."""

from datetime import datetime
from email.utils import parseaddr
from uuid import UUID

from plein.identity.v1 import identity_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from chassis.mail import MailServer, Refusal
from chassis.resources import Resources
from chassis.sealing import Sealer
from chassis.settings import sealing_key
from services.feed.domain.deliveries import Channel, Delivery, Outcome, State, Verdict
from services.feed.domain.digests import day_of, due_digests, quiet_until
from services.feed.domain.notifications import Digest, NotificationSettings
from services.feed.jobs.news import News, language_of, news, people_of, unmuted
from services.feed.neighbours import Identity
from services.feed.settings import FeedSettings
from services.feed.store import digests, notification_settings
from services.feed.wire import letters
from services.feed.wire.digests import unsubscribe_url

MOST_LINES = 20


async def plan_due(database: Database, time_zone: str, moment: datetime) -> None:
    """Makes this morning's deliveries, once, whoever else tries. What is told is read when it is sent."""
    day = day_of(moment, time_zone)
    async with database.quiet_transaction() as tx:
        planned = await digests.planned_day(tx, day)
        if planned is not None and planned < day:
            await digests.plan(tx, day, due_digests(planned, day), moment)


class DigestSender:
    """Writes to one person and hands the letter to the mail server."""

    channel = Channel.MAIL

    def __init__(self, resources: Resources) -> None:
        settings: FeedSettings = resources.settings
        self._settings = settings
        self._database = resources.database
        self._access = resources.access
        self._identity = Identity(resources.neighbours)
        self._mail_server = MailServer(settings)
        self._sealer = Sealer(sealing_key(settings.sealing_key_file))
        self._domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
        self._home = settings.public_url.rstrip("/")

    async def send(self, delivery: Delivery, moment: datetime) -> Outcome:
        """As `Sender` says."""
        recipient = delivery.recipient
        async with self._database.snapshot() as tx:
            settings = await notification_settings.of_person(tx, recipient)
            until = quiet_until(settings.quiet_hours, moment, self._settings.organisation_time_zone)
            if settings.digest is Digest.OFF:
                return Outcome(Verdict.UNWANTED, error="The person wants no mail.")
            if until is not None:
                return Outcome(Verdict.POSTPONED, until=until)
            after = await digests.position(tx, recipient)
            kinds = unmuted(settings.mail_kinds, settings)
            new = await news(tx, self._access.sight(recipient), after, kinds, MOST_LINES + 1)
        if not new.found:
            return Outcome(Verdict.UNWANTED, error="There was nothing new.", position=new.position)
        people = await people_of(self._identity, recipient, new.actors())
        if recipient not in people:
            return Outcome(Verdict.UNWANTED, error="The person does not work here now, or never signed in.")
        refusal = await self._mailed(delivery, self._letter(new, people, recipient, settings), people[recipient].email)
        if refusal is None:
            return Outcome(Verdict.SENT, 250, position=new.position)
        return Outcome(Verdict.REFUSED if refusal.for_good else Verdict.FAILED, refusal.code, refusal.text)

    async def noted(self, tx: AsyncConnection, after: Delivery, outcome: Outcome) -> None:
        """Keeps up to where in the inbox the person was told."""
        if outcome.position and after.state in (State.SENT, State.DROPPED):
            await digests.keep_position(tx, after.recipient, outcome.position)

    def _letter(
        self, new: News, people: dict[UUID, identity_pb2.Person], recipient: UUID, settings: NotificationSettings
    ) -> letters.Letter:
        language = language_of(settings, people[recipient])
        lines = [
            letters.Line(new.sentence(told, people, language), new.excerpt(told), self._home + new.path(told))
            for told in new.found[:MOST_LINES]
        ]
        return letters.digest(
            language,
            settings.digest,
            people[recipient].given_name,
            lines,
            count=len(new.found),
            has_more=len(new.found) > MOST_LINES,
            home=self._home,
            unsubscribe=unsubscribe_url(self._home, self._sealer, recipient),
        )

    async def _mailed(self, delivery: Delivery, letter: letters.Letter, to: str) -> Refusal | None:
        url = unsubscribe_url(self._home, self._sealer, delivery.recipient)
        headers = {
            "Message-ID": f"<{delivery.id}@{self._domain}>",
            "X-Plein-Delivery": str(delivery.id),
            "List-Id": f"Plein <digest.{self._domain}>",
            "List-Unsubscribe": f"<{url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        async with self._mail_server.opened() as post:
            return await post.send(to, letter.subject, letter.text, html=letter.html, headers=headers)
