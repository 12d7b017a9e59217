"""Everything that leaves the house, each way on its own: none waits for another."""

import asyncio

from chassis.resources import Resources
from services.feed.jobs.deliveries import Deliveries, remove_ended
from services.feed.jobs.pushes import PushSender, plan_pushes
from services.feed.jobs.webhooks import WebhookSender
from services.feed.settings import FeedSettings
from services.feed.wire import web_push


async def send_deliveries(resources: Resources) -> None:
    """Sends until it is cancelled. Without a mail server nothing is mailed, without a key nothing pushed."""
    settings: FeedSettings = resources.settings
    database = resources.database
    vapid = web_push.vapid(settings.vapid_key_file, settings.mail_from, settings.public_url)
    async with asyncio.TaskGroup() as work:
        work.create_task(Deliveries(database, WebhookSender(resources)).run())
        work.create_task(remove_ended(database))
        if vapid is not None:
            work.create_task(plan_pushes(database))
            work.create_task(Deliveries(database, PushSender(resources, vapid)).run())
        if settings.smtp_url and settings.mail_from:
            # Imported when there is a mail server, since mail and its templates are several megabytes.
            from services.feed.jobs.digests import DigestSender, plan_digests

            work.create_task(plan_digests(database, settings.organisation_time_zone))
            work.create_task(Deliveries(database, DigestSender(resources)).run())
