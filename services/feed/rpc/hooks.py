"""Incoming webhooks: made by administrators, used by systems."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.feed.v1 import events_pb2, hooks_pb2, hooks_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.calls import refuse_muted
from chassis.events import append
from chassis.ids import new_id
from chassis.once import once
from chassis.problems import NotAllowed
from chassis.resources import Resources
from chassis.sealing import Sealer
from chassis.settings import sealing_key
from services.feed import wire
from services.feed.domain.hooks import IncomingHook, Signature, check_delivery, hook_refused
from services.feed.rpc.base import now
from services.feed.rpc.card_writing import CardWriting, Written
from services.feed.store import cards, hooks

SECRET_PREFIX = "plein_hook_"
# For whoever knows no webhook: then there is something to compare with as well.
NOBODYS = secrets.token_bytes(32)
WRITING = "cards.write"
CREATING = ("create_outage", "create_vacancy")


class Hooks(CardWriting, hooks_pb2_grpc.HookServiceServicer):
    """The methods of HookService."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._sealer = Sealer(sealing_key(resources.settings.sealing_key_file))

    async def CreateIncomingHook(
        self, request: hooks_pb2.CreateIncomingHookRequest, context: Any
    ) -> hooks_pb2.CreateIncomingHookResponse:
        asked, shown, secret = request.incoming_hook, "", _new_secret()
        account = wire.account_id(asked.account)
        if self.access.account(account) is None:
            raise wire.unknown_account(asked.account)
        async with self.database.transaction() as tx:

            async def made() -> hooks_pb2.IncomingHook:
                nonlocal shown
                hook_id = new_id()
                hook = IncomingHook(hook_id, asked.title, account, self._sealed(hook_id, secret), now())
                await hooks.add_hook(tx, hook)
                await _tell(tx, hook, events_pb2.IncomingHookCreated)
                shown = secret
                return self._shown_hook(hook)

            answer = await once(tx, request, hooks_pb2.IncomingHook, made)
        # The first answer is stored without the secret, so that a repetition has none to give.
        return hooks_pb2.CreateIncomingHookResponse(incoming_hook=answer, secret=shown)

    async def ListIncomingHooks(
        self, request: hooks_pb2.ListIncomingHooksRequest, context: Any
    ) -> hooks_pb2.ListIncomingHooksResponse:
        position, size = self.pages.position(request), pages.size(request, 50, 200)
        async with self.database.snapshot() as tx:
            found = await hooks.all_hooks(tx, UUID(bytes=position) if position else None, size + 1)
        listed = [self._shown_hook(hook) for hook in found[:size]]
        token = self.pages.seal(request, found[size - 1].id.bytes) if len(found) > size else ""
        return hooks_pb2.ListIncomingHooksResponse(incoming_hooks=listed, next_page_token=token)

    async def DeleteIncomingHook(self, request: hooks_pb2.DeleteIncomingHookRequest, context: Any) -> empty_pb2.Empty:
        async with self.database.transaction() as tx:
            hook = await self._locked(tx, request.name)
            await hooks.end_hook(tx, hook.id)
            await _tell(tx, hook, events_pb2.IncomingHookDeleted, hook.version + 1)
        return empty_pb2.Empty()

    async def RotateIncomingHookSecret(
        self, request: hooks_pb2.RotateIncomingHookSecretRequest, context: Any
    ) -> hooks_pb2.RotateIncomingHookSecretResponse:
        secret, overlap = _new_secret(), timedelta(hours=request.overlap_hours)
        async with self.database.transaction() as tx:
            before = await self._locked(tx, request.name)
            hook = before.rotated(self._sealed(before.id, secret), overlap, now())
            await hooks.save_hook(tx, hook)
            await _tell(tx, hook, events_pb2.IncomingHookSecretRotated)
        return hooks_pb2.RotateIncomingHookSecretResponse(incoming_hook=self._shown_hook(hook), secret=secret)

    async def ReceiveHook(self, request: hooks_pb2.ReceiveHookRequest, context: Any) -> hooks_pb2.ReceiveHookResponse:
        headers, body = dict(context.invocation_metadata() or ()), request.body.data
        hook, proof = await self._proven(request.hook, str(headers.get("x-plein-signature", "")), body)
        delivery = str(headers.get("x-plein-delivery", ""))
        check_delivery(delivery, body)
        event = wire.hook_event(body)
        via = await self.identity.account_title(hook.account) if event.WhichOneof("event") in CREATING else ""
        remembered = hooks_pb2.HookDelivery(request_id=f"{hook.id}/{delivery}", event=event)
        done: list[Written] = []
        async with self.database.transaction() as tx:

            async def carried_out() -> hooks_pb2.ReceiveHookResponse:
                done.append(await self._carried_out(tx, event, via))
                return hooks_pb2.ReceiveHookResponse(post=done[0].post.name)

            if not await hooks.claim_signature(tx, hook.id, proof, delivery, now()):
                raise hook_refused()
            answer = await once(tx, remembered, hooks_pb2.ReceiveHookResponse, carried_out)
        for written in done:
            await self.show_card(written.post, new=bool(via))
        return answer

    async def _proven(self, name: str, header: str, body: bytes) -> tuple[IncomingHook, bytes]:
        """The webhook whose secret signed the body, and the signature. Its account is the caller from here on."""
        signature, hook_id = Signature.parsed(header), wire.hook_id(name)
        if signature is None:
            raise hook_refused()
        async with self.database.snapshot() as tx:
            hook = await hooks.hook(tx, hook_id) if hook_id else None
        known = [self._opened(hook.id, secret) for secret in hook.secrets(now())] if hook else [NOBODYS]
        proof = signature.proof(known, body, now())
        account = self.access.account(hook.account) if hook else None
        if hook is None or proof is None or account is None or not account.active:
            raise hook_refused()
        if WRITING not in account.scopes:
            raise NotAllowed("NOT_YOUR_SCOPE", "This needs the scope {scope}.", scope=WRITING)
        viewer.enter(viewer.Viewer(account=account.id, scopes=account.scopes))
        refuse_muted(self.access, viewer.current())
        return hook, proof

    async def _carried_out(self, tx: AsyncConnection, event: hooks_pb2.HookEvent, via: str) -> Written:
        kind = event.WhichOneof("event")
        if kind in CREATING:
            return Written(await self.add_card(tx, wire.new_card(event), via), True)
        post = await cards.by_external_id(tx, self.account().id, event.key)
        if post is None:
            raise wire.unknown_key(event.key)
        name = f"posts/{post}"
        if kind == "change_outage":
            return await self.update_outage(tx, wire.changed_card(event, name))
        if kind == "add_outage_update":
            news = event.add_outage_update
            return await self.tell_outage(tx, name, news.state, news.text)
        return await self.close_vacancy(tx, name)

    async def _locked(self, tx: AsyncConnection, name: str) -> IncomingHook:
        hook_id = wire.hook_id(name)
        hook = await hooks.hook(tx, hook_id, lock=True) if hook_id else None
        if hook is None:
            raise wire.unknown_hook(name)
        return hook

    def _shown_hook(self, hook: IncomingHook) -> hooks_pb2.IncomingHook:
        return wire.hook(hook, self.settings.public_url)

    def _sealed(self, hook: UUID, secret: str) -> str:
        return self._sealer.seal(secret.encode(), _purpose(hook))

    def _opened(self, hook: UUID, sealed: str) -> bytes:
        """The secret; after the sealing key was changed there is none any more, and nothing signs with it."""
        return self._sealer.opened(sealed, _purpose(hook)) or NOBODYS


async def _tell(tx: AsyncConnection, hook: IncomingHook, event: Callable[..., Any], version: int = 0) -> None:
    told = event(hook=hook.name, account=f"{viewer.ACCOUNTS}{hook.account}", actor=viewer.current().name)
    await append(tx, hook.name, version or hook.version, told)


def _purpose(hook: UUID) -> bytes:
    return b"feed/incoming-hook/" + hook.bytes


def _new_secret() -> str:
    return SECRET_PREFIX + secrets.token_urlsafe(32)
