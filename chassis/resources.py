"""What a service's methods and reactions work with, opened at the start and closed at the end."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import URL

from chassis.access import Access
from chassis.cache import Cache
from chassis.database import Database, address_of
from chassis.events import EventLog, Follower
from chassis.migrations import migrate
from chassis.neighbours import Neighbours
from chassis.pages import Pages
from chassis.sealing import Sealer
from chassis.settings import Settings, sealing_key, secret_text
from chassis.viewer import ServiceSigner

One = TypeVar("One")


@dataclass(frozen=True)
class Resources:
    """One service's own database, log and cache, its neighbours, and the replica that decides about access."""

    name: str
    settings: Any
    database: Database
    events: EventLog
    cache: Cache
    neighbours: Neighbours
    access: Access
    pages: Pages
    followers: dict[str, Follower] = field(default_factory=dict)
    _ones: dict[Any, Any] = field(default_factory=dict)

    def heard_at(self, name: str) -> float:
        """When the follower of that name was last at the head of its log in this process (time.monotonic)."""
        return self.followers[name].caught_up_at if name in self.followers else float("-inf")

    def one(self, make: "Callable[[Resources], One]") -> One:
        """What `make` makes of these resources, made once: what several APIs and jobs of one process hold together."""
        if make not in self._ones:
            self._ones[make] = make(self)
        made: One = self._ones[make]
        return made


@asynccontextmanager
async def opened(name: str, settings: Settings) -> AsyncIterator[Resources]:
    """Migrates the database and opens everything. A cache that is away does not keep a service from starting."""
    password = secret_text(settings.database_password_file)
    database = Database(settings.database_url, password, settings.database_pool_size)
    cache = Cache(settings.redis_url, secret_text(settings.redis_password_file))
    neighbours = Neighbours(settings.neighbours, ServiceSigner(name, settings.service_key_file))
    events = EventLog(database)
    access = Access()
    pages = Pages(Sealer(sealing_key(settings.sealing_key_file)))
    try:
        await migrate(database, name, owner_address(settings))
        await access.refresh(database)
        await cache.connect()
        await events.start()
        yield Resources(name, settings, database, events, cache, neighbours, access, pages)
    finally:
        await events.stop()
        await neighbours.close()
        await cache.close()
        await database.close()


def owner_address(settings: Settings) -> URL | None:
    """The database as its owner enters it, or None where that is the service's own role, or not for this process."""
    if not settings.database_owner_url:
        return None
    return address_of(settings.database_owner_url, secret_text(settings.database_owner_password_file))
