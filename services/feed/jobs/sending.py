"""Everything that leaves the house, each way on its own: none waits for another."""

import asyncio
from functools import partial

from chassis.database import Database
from chassis.looking import keep_looking
from chassis.resources import Resources
from services.feed.jobs import pushes
from services.feed.jobs.deliveries import Deliveries, now, remove_ended
from services.feed.jobs.pushes import PushSender
from services.feed.jobs.webhooks import WebhookSender
from services.feed.settings import FeedSettings
from services.feed.wire import web_push
from services.feed.wire.web_push import Vapid

# How late something may be planned, or removed.
PUSH_SECONDS = 1.0
DIGEST_SECONDS = 20.0
REMOVE_SECONDS = 600.0


async def send_deliveries(resources: Resources) -> None:
    """Sends until it is cancelled. Without a mail server nothing is mailed, without a key nothing pushed."""
    settings: FeedSettings = resources.settings
    vapid = web_push.vapid(settings.vapid_key_file, settings.mail_from, settings.public_url)
    async with asyncio.TaskGroup() as work:
        work.create_task(Deliveries(resources.database, WebhookSender(resources)).run())
        remove = partial(_remove, resources.database)
        work.create_task(keep_looking(resources.database, remove, REMOVE_SECONDS, "Removing deliveries"))
        if vapid is not None:
            work.create_task(_push(resources, vapid))
        if settings.smtp_url and settings.mail_from:
            work.create_task(_mail(resources))


async def _push(resources: Resources, vapid: Vapid) -> None:
    async def plan() -> None:
        await pushes.plan_due(resources.database, now())

    async with asyncio.TaskGroup() as work:
        work.create_task(
            keep_looking(resources.database, plan, PUSH_SECONDS, "Planning pushes", idle_seconds=PUSH_SECONDS)
        )
        work.create_task(Deliveries(resources.database, PushSender(resources, vapid)).run())


async def _mail(resources: Resources) -> None:
    # Imported when there is a mail server, since mail and its templates are several megabytes.
    from services.feed.jobs import digests

    async def plan() -> None:
        await digests.plan_due(resources.database, resources.settings.organisation_time_zone, now())

    async with asyncio.TaskGroup() as work:
        what = "Planning the mail with what is new"
        work.create_task(keep_looking(resources.database, plan, DIGEST_SECONDS, what))
        work.create_task(Deliveries(resources.database, digests.DigestSender(resources)).run())


async def _remove(database: Database) -> None:
    await remove_ended(database, now())
