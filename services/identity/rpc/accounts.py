"""Service accounts, and the tokens with which they come in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from plein.identity.v1 import accounts_pb2, accounts_pb2_grpc, events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from chassis.events import append
from chassis.ids import new_id
from chassis.once import once
from chassis.problems import BadInput
from services.identity import wire
from services.identity.domain.accounts import ServiceAccount, check_owner, checked_fields, client_refused
from services.identity.domain.sign_in import hashed
from services.identity.rpc.base import Base, now, viewer_name
from services.identity.rpc.tokens import new_client_secret
from services.identity.store import accounts, people

CHANGEABLE = {"title", "owner", "scopes"}


class Accounts(Base, accounts_pb2_grpc.AccountServiceServicer):
    """The methods of administrators, and the one that answers with a token."""

    async def CreateServiceAccount(
        self, request: accounts_pb2.CreateServiceAccountRequest, context: Any
    ) -> accounts_pb2.CreateServiceAccountResponse:
        asked, secrets = request.service_account, [new_client_secret()]
        title, scopes = checked_fields(asked.title, asked.scopes)
        async with self.database.transaction() as tx:

            async def made() -> accounts_pb2.ServiceAccount:
                owner = await self._owner(tx, asked.owner)
                moment, account_id = now(), new_id()
                hash_ = hashed(secrets[0].encode())
                account = ServiceAccount(account_id, title, owner, scopes, hash_, moment, moment)
                await accounts.add_account(tx, account)
                await self._tell(tx, account, events_pb2.ServiceAccountCreated)
                secrets.append(secrets[0])
                return wire.account(account)

            answer = await once(tx, request, accounts_pb2.ServiceAccount, made)
        # The first answer is stored without the secret, so that a repetition has none to give.
        return accounts_pb2.CreateServiceAccountResponse(service_account=answer, client_secret="".join(secrets[1:]))

    async def GetServiceAccount(
        self, request: accounts_pb2.GetServiceAccountRequest, context: Any
    ) -> accounts_pb2.ServiceAccount:
        async with self.database.snapshot() as tx:
            account = await accounts.account(tx, wire.account_id(request.name))
        if account is None:
            raise wire.unknown_account(request.name)
        return wire.account(account)

    async def ListServiceAccounts(
        self, request: accounts_pb2.ListServiceAccountsRequest, context: Any
    ) -> accounts_pb2.ListServiceAccountsResponse:
        position, limit = self.pages.position(request), pages.size(request, 50, 200)
        async with self.database.snapshot() as tx:
            found = await accounts.all_accounts(tx, UUID(bytes=position) if position else None, limit + 1)
        listed = [wire.account(account) for account in found[:limit]]
        answer = accounts_pb2.ListServiceAccountsResponse(service_accounts=listed)
        if len(found) > limit:
            answer.next_page_token = self.pages.seal(request, found[limit - 1].id.bytes)
        return answer

    async def UpdateServiceAccount(
        self, request: accounts_pb2.UpdateServiceAccountRequest, context: Any
    ) -> accounts_pb2.ServiceAccount:
        asked, paths = request.service_account, set(request.update_mask.paths)
        if not paths or paths - CHANGEABLE:
            raise BadInput("BAD_MASK", "Only title, owner and scopes can be changed.", field="update_mask")
        async with self.database.transaction() as tx:
            before = await self._locked(tx, asked.name)
            title, scopes = checked_fields(
                asked.title if "title" in paths else before.title, asked.scopes if "scopes" in paths else before.scopes
            )
            owner = await self._owner(tx, asked.owner) if "owner" in paths else before.owner
            after = before.updated({"title": title, "scopes": scopes, "owner": owner}, asked.etag, now())
            return await self._kept(tx, before, after, events_pb2.ServiceAccountUpdated)

    async def RotateServiceAccountSecret(
        self, request: accounts_pb2.RotateServiceAccountSecretRequest, context: Any
    ) -> accounts_pb2.RotateServiceAccountSecretResponse:
        secret = new_client_secret()
        async with self.database.transaction() as tx:
            before = await self._locked(tx, request.name)
            after = before.rotated(secret, timedelta(hours=request.overlap_hours), now())
            account = await self._kept(tx, before, after, events_pb2.ServiceAccountSecretRotated)
        return accounts_pb2.RotateServiceAccountSecretResponse(service_account=account, client_secret=secret)

    async def DisableServiceAccount(
        self, request: accounts_pb2.DisableServiceAccountRequest, context: Any
    ) -> accounts_pb2.ServiceAccount:
        async with self.database.transaction() as tx:
            before = await self._locked(tx, request.name)
            return await self._kept(tx, before, before.kept_out(now()), events_pb2.ServiceAccountDisabled)

    async def EnableServiceAccount(
        self, request: accounts_pb2.EnableServiceAccountRequest, context: Any
    ) -> accounts_pb2.ServiceAccount:
        async with self.database.transaction() as tx:
            before = await self._locked(tx, request.name)
            return await self._kept(tx, before, before.let_in(now()), events_pb2.ServiceAccountEnabled)

    async def IssueServiceAccountToken(
        self, request: accounts_pb2.IssueServiceAccountTokenRequest, context: Any
    ) -> accounts_pb2.IssueServiceAccountTokenResponse:
        """Wrong secrets are not counted, as nobody guesses 256 bits; the edge limits how often an address asks."""
        account_id, moment = wire.client_id(request.client_id), now()
        async with self.database.snapshot() as tx:
            account = await accounts.account(tx, account_id) if account_id else None
            owner = await people.person(tx, account.owner) if account else None
        if not account or not owner or not account.opens_with(request.client_secret, moment):
            raise client_refused()
        if account.disabled or not owner.may_come_in:
            raise client_refused()
        return self.issuer.account_token(account, moment)

    async def _owner(self, tx: AsyncConnection, name: str) -> UUID:
        """Who shall answer for an account; the person cannot be suspended meanwhile."""
        person_id = wire.person_id(name)
        person = await people.person_signing_in(tx, person_id)
        if person is None:
            raise wire.unknown_person(name)
        check_owner(person)
        return person_id

    async def _locked(self, tx: AsyncConnection, name: str) -> ServiceAccount:
        account = await accounts.account(tx, wire.account_id(name), lock=True)
        if account is None:
            raise wire.unknown_account(name)
        return account

    async def _kept(
        self, tx: AsyncConnection, before: ServiceAccount, after: ServiceAccount, event: Callable[..., Any]
    ) -> accounts_pb2.ServiceAccount:
        """Stores a locked account's change and tells it. No change is not told."""
        if after is not before:
            await accounts.save_account(tx, after)
            await self._tell(tx, after, event)
        return wire.account(after)

    async def _tell(self, tx: AsyncConnection, account: ServiceAccount, event: Callable[..., Any]) -> None:
        told = event(account=account.name, actor=viewer_name())
        await append(tx, account.name, account.version, wire.account_access(account), told)
