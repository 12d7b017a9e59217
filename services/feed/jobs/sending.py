"""Everything that leaves the house, each way on its own: none waits for another."""

import asyncio

from chassis.resources import Resources
from services.feed.jobs.deliveries import Deliveries, remove_ended
from services.feed.jobs.webhooks import WebhookSender


async def send_deliveries(resources: Resources) -> None:
    """Sends until it is cancelled."""
    database = resources.database
    async with asyncio.TaskGroup() as work:
        work.create_task(Deliveries(database, WebhookSender(resources)).run())
        work.create_task(remove_ended(database))
