"""Keeps the images of what was reported: whoever reports does not wait for them."""

import logging
from datetime import UTC, datetime, timedelta
from functools import partial

import grpc

from chassis.looking import keep_looking
from chassis.resources import Resources
from services.moderation.neighbours import Pictures
from services.moderation.store import images
from services.moderation.store.images import Content

log = logging.getLogger(__name__)

LATE_SECONDS = 0.5
PATIENCE = timedelta(seconds=30)


async def keep_images(resources: Resources) -> None:
    """Runs until it is cancelled."""
    keep = partial(_keep, resources, Pictures(resources))
    await keep_looking(resources.database, keep, LATE_SECONDS, "Keeping images")


async def _keep(resources: Resources, pictures: Pictures) -> bool:
    """Whether there was one to ask for."""
    async with resources.database.transaction() as tx:
        now = datetime.now(UTC)
        awaited = await images.next_due(tx, now)
        if awaited is None:
            return False
        try:
            found = await pictures.content(awaited.image)
        except grpc.aio.AioRpcError as error:
            log.warning("%s was not kept, and will be later: %s", awaited.image, error.code().name)
            await images.put_off(tx, awaited, now + PATIENCE)
        else:
            await images.keep(tx, awaited, Content(*found) if found else None)
    return True
