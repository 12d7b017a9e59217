"""What all of identity's methods work with."""

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.access import Sight
from chassis.events import append
from chassis.resources import Resources
from services.identity import wire
from services.identity.domain.people import Person
from services.identity.rpc.passwords import Passwords
from services.identity.rpc.tokens import Issuer
from services.identity.settings import IdentitySettings
from services.identity.store import people

if TYPE_CHECKING:
    from chassis.mail import MailServer


class Base:
    """The resources of the process, and the few things that several methods do."""

    def __init__(self, resources: Resources) -> None:
        self.settings: IdentitySettings = resources.settings
        self.database = resources.database
        self.access = resources.access
        self.pages = resources.pages
        self.passwords = Passwords()
        self.issuer = Issuer(self.settings)

    @cached_property
    def mail_server(self) -> "MailServer":
        """Imported when there is something to send, which is seldom: mail is two megabytes."""
        from chassis.mail import MailServer

        return MailServer(self.settings)

    def sight(self) -> Sight | None:
        """What the caller may see of others; None when that is all."""
        caller = viewer.current()
        return None if wire.sees_all(caller) else self.access.sight(viewer.person())

    async def locked_person(self, tx: AsyncConnection, name: str, person_id: UUID) -> Person:
        """The person by the name that was asked, locked. NotFound when there is none."""
        person = await people.person(tx, person_id, lock=True)
        if person is None:
            raise wire.unknown_person(name)
        return person

    async def keep(self, tx: AsyncConnection, before: Person, after: Person) -> None:
        """Stores a locked person's change and tells it. No change is not told."""
        if after is not before:
            await people.save_people(tx, [after])
            told = wire.changed(before, after, viewer_name())
            await append(tx, after.name, after.version, *told)


def viewer_name() -> str:
    """Who calls; somebody who is about to sign in has no name yet."""
    caller = viewer.of_call()
    return caller.name if caller else ""


def now() -> datetime:
    return datetime.now(UTC)
