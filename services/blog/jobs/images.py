"""Removes images that stand in nothing: a day after they came, and at once when what they stood in goes."""

import time
from datetime import UTC, datetime
from functools import partial

from chassis.database import Database
from chassis.looking import keep_looking
from chassis.media import Media
from chassis.resources import Resources
from services.blog.store import images

# How late an image may be removed.
LATE_SECONDS = 30.0
IMAGES_AT_ONCE = 100
# Their rows are locked while they are removed from a store that may be far away.
CONTENTS_AT_ONCE = 20


async def remove_images(resources: Resources) -> None:
    """Runs until it is cancelled."""
    remove = partial(remove_due, resources.database, Media(resources.settings.media_url, resources.name))
    await keep_looking(resources.database, remove, LATE_SECONDS, "Removing images")


async def remove_due(database: Database, media: Media) -> None:
    """Removes all that is due. Several processes share the work, and what a crash leaves undone is done again."""
    moment = datetime.fromtimestamp(time.time(), UTC)
    removed = IMAGES_AT_ONCE
    while removed == IMAGES_AT_ONCE:
        async with database.quiet_transaction() as tx:
            removed = await images.remove_due(tx, moment, IMAGES_AT_ONCE)
    checked = CONTENTS_AT_ONCE
    while checked == CONTENTS_AT_ONCE:
        checked = await _remove_contents(database, media, moment)


async def _remove_contents(database: Database, media: Media, moment: datetime) -> int:
    async with database.quiet_transaction() as tx:
        checked = await images.contents_to_check(tx, moment, CONTENTS_AT_ONCE)
        if checked:
            unused = await images.unused_contents(tx, checked)
            await media.remove(unused)
            await images.forget_contents(tx, checked, unused)
    return len(checked)
