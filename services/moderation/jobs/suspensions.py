"""Tells identity whom to keep out and until when, again and again until it heard, and that it is over."""

import logging
from datetime import UTC, datetime, timedelta
from functools import partial

import grpc

from chassis.looking import keep_looking
from chassis.resources import Resources
from services.moderation.neighbours import Identity, Refused
from services.moderation.store import sanctions

log = logging.getLogger(__name__)

LATE_SECONDS = 0.5
# One person about whom identity cannot answer does not keep it from hearing of the others.
AWAY_PATIENCE = timedelta(seconds=2)
# The last administrator has to stay, until there is another one.
REFUSED_PATIENCE = timedelta(hours=1)


async def keep_suspensions(resources: Resources) -> None:
    """Runs until it is cancelled."""
    tell = partial(_tell, resources, Identity(resources))
    await keep_looking(resources.database, tell, LATE_SECONDS, "Telling identity whom to keep out")


async def _tell(resources: Resources, identity: Identity) -> bool:
    """Whether there was somebody of whom identity had to be told. Meanwhile nobody decides about the same person."""
    async with resources.database.transaction() as tx:
        now = datetime.now(UTC)
        due = await sanctions.next_due(tx, now)
        if due is None:
            return False
        until = due.owed(now)
        try:
            await identity.hold(due.person, until)
        except Refused as refused:
            log.warning("Identity does not keep %s out: %s", due.name, refused)
            after = due.put_off(REFUSED_PATIENCE, now)
        except grpc.aio.AioRpcError as error:
            log.warning("Identity was not told about %s, and will be later: %s", due.name, error.code().name)
            after = due.put_off(AWAY_PATIENCE, now)
        else:
            after = due.told(until)
        await sanctions.save(tx, [after])
    return True
