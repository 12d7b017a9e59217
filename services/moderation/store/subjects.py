"""What stands about subjects, and what they said."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.moderation.domain.subjects import Measure, Standing
from services.moderation.tables import subjects


async def locked(tx: AsyncConnection, name: str) -> Standing:
    """What stands about a subject, reported before or not; nobody else reports or judges it meanwhile."""
    # The update changes nothing but locks the row that is there.
    statement = insert(subjects).values(name=name, measure=Measure.NONE, judged_revision="", version=0)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_={"name": name})
    row = (await tx.execute(statement.returning(subjects))).one()
    return Standing(row.name, Measure(row.measure), row.judged_revision, row.judged_case, row.version)


async def save(tx: AsyncConnection, standing: Standing) -> None:
    """Stores what stands about a subject, which the transaction has locked."""
    statement = sa.update(subjects).where(subjects.c.name == standing.name)
    judged = {"judged_revision": standing.judged_revision, "judged_case": standing.judged_case}
    await tx.execute(statement.values(measure=standing.measure, version=standing.version, **judged))
