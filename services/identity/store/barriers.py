"""The barrier policy in PostgreSQL: one row."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.identity.domain.barriers import Policy
from services.identity.tables import barrier_policy


async def policy(tx: AsyncConnection, *, lock: bool = False) -> Policy:
    """The policy that holds now."""
    query = sa.select(barrier_policy.c.pairs, barrier_policy.c.version)
    if lock:
        first = insert(barrier_policy).values(one=True, pairs=[], version=1)
        await tx.execute(first.on_conflict_do_nothing())
        query = query.with_for_update()
    row = (await tx.execute(query)).first()
    return Policy(tuple((one, other) for one, other in row.pairs), row.version) if row else Policy((), 1)


async def save_policy(tx: AsyncConnection, changed: Policy) -> None:
    """Stores the policy, which the transaction has locked."""
    pairs = [list(pair) for pair in changed.pairs]
    await tx.execute(sa.update(barrier_policy).values(pairs=pairs, version=changed.version))
