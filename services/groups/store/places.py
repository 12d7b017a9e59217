"""Changes of who comes to events that are locked, with all that follows from them; they answer what is to be told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.domain.gatherings import Answer, Attendance, Gathering
from services.groups.store import attendances, gatherings
from services.groups.wire import gatherings as wire
from services.groups.wire.events import Told


async def answer(
    tx: AsyncConnection, gathering: Gathering, person: UUID, answer: Answer, now: datetime
) -> tuple[Gathering, Attendance, list[Told]]:
    """Keeps somebody's answer. Who waits gets the place that becomes free with it."""
    before = await attendances.own(tx, gathering.id, person)
    after = gathering.attendance(answer, before)
    if after is before:
        return gathering, after, []
    await attendances.put(tx, gathering.id, person, after, now)
    (counted,), told = await fill(tx, [gathering.counting(before, after)])
    return counted, after, told


async def let_go(tx: AsyncConnection, group: UUID, person: UUID, now: datetime) -> list[Told]:
    """Forgets the answers of somebody who is no member any more, to all events of a group that lie ahead."""
    answered = await attendances.answered_by(tx, group, person, now)
    if not answered:
        return []
    await attendances.drop(tx, [gathering.id for gathering, _ in answered], person)
    _, told = await fill(tx, [gathering.counting(before, None) for gathering, before in answered])
    return told


async def fill(tx: AsyncConnection, counted: Sequence[Gathering]) -> tuple[list[Gathering], list[Told]]:
    """Gives the places that are free to those who wait, in the order of their answers, and keeps all counts."""
    roomy = [gathering for gathering in counted if gathering.waiting_count and gathering.free_places != 0]
    waiting = await attendances.waiting(tx, [gathering.id for gathering in roomy]) if roomy else {}
    lucky = {gathering.id: waiting.get(gathering.id, [])[: gathering.free_places] for gathering in roomy}
    await attendances.promote(tx, [(id_, person) for id_, people in lucky.items() for person in people])
    full = [gathering.promoting(len(lucky.get(gathering.id, ()))) for gathering in counted]
    await gatherings.save_counts(tx, full)
    return full, [told for gathering in full for told in wire.places_gained(gathering, lucky.get(gathering.id, ()))]
