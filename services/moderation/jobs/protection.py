"""Keeps moderation from starting where the audit log would not be safe from it."""

from chassis.resources import Resources
from services.moderation.store import audit


async def refuse_unprotected_log(resources: Resources) -> None:
    """RuntimeError when the role with which this process works could change what was written, or drop it."""
    async with resources.database.snapshot() as tx:
        if await audit.is_changeable(tx):
            role = resources.database.url.username
            raise RuntimeError(
                f"The role {role} could change the audit log: the database must belong to another one, which "
                "DATABASE_OWNER_URL names where it is migrated (docs/operating.md)"
            )
