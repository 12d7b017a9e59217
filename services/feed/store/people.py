"""What feed keeps of what identity knows of people."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.relations import PersonFacts
from services.feed.tables.relations import people_facts


async def keep(tx: AsyncConnection, known: Sequence[PersonFacts]) -> None:
    """Keeps what is known of people, in the place of what was."""
    if not known:
        return
    statement = insert(people_facts)
    statement = statement.on_conflict_do_update(
        index_elements=["person"], set_={"department": statement.excluded.department}
    )
    rows = sorted(known, key=lambda facts: facts.person)
    await tx.execute(statement, [{"person": facts.person, "department": facts.department} for facts in rows])
