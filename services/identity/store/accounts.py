"""Service accounts in PostgreSQL."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.identity.domain.accounts import ServiceAccount
from services.identity.tables import service_accounts

Row = sa.RowMapping


async def account(tx: AsyncConnection, account_id: UUID, *, lock: bool = False) -> ServiceAccount | None:
    """A service account; with `lock`, nobody else changes it meanwhile."""
    query = sa.select(service_accounts).where(service_accounts.c.id == account_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().first()
    return _account(row) if row else None


async def all_accounts(tx: AsyncConnection, after: UUID | None, limit: int) -> list[ServiceAccount]:
    """A page of all service accounts, in the order in which they were made."""
    query = sa.select(service_accounts).order_by(service_accounts.c.id).limit(limit)
    if after is not None:
        query = query.where(service_accounts.c.id > after)
    return [_account(row) for row in (await tx.execute(query)).mappings()]


async def add_account(tx: AsyncConnection, added: ServiceAccount) -> None:
    """Stores a new service account."""
    await tx.execute(sa.insert(service_accounts).values(_values(added)))


async def save_account(tx: AsyncConnection, changed: ServiceAccount) -> None:
    """Stores a service account, which the transaction has locked."""
    await tx.execute(sa.update(service_accounts).where(service_accounts.c.id == changed.id).values(_values(changed)))


def _account(row: Row) -> ServiceAccount:
    return ServiceAccount(**dict(row) | {"scopes": tuple(row["scopes"])})


def _values(account: ServiceAccount) -> dict[str, Any]:
    values = {column.name: getattr(account, column.name) for column in service_accounts.c}
    return values | {"scopes": list(account.scopes)}
