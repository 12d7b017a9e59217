"""The audit log: reading it, and what is needed to verify it."""

import time
from datetime import UTC, datetime
from typing import Any

from joserfc.jwk import ECKey
from plein.moderation.v1 import audit_pb2, audit_pb2_grpc

from chassis import pages
from chassis.resources import Resources
from services.moderation.domain.audit import Checkpoint
from services.moderation.store import audit
from services.moderation.wire import audit as audit_wire

MOST_AT_ONCE = 1000


class AuditLog(audit_pb2_grpc.AuditServiceServicer):
    """Nothing here changes it: what is done elsewhere adds to it."""

    def __init__(self, resources: Resources) -> None:
        self._database = resources.database
        self._pages = resources.pages
        self._key = ECKey.import_key(resources.settings.audit_key_file.read_bytes())

    async def ListAuditEntries(
        self, request: audit_pb2.ListAuditEntriesRequest, context: Any
    ) -> audit_pb2.ListAuditEntriesResponse:
        size = pages.size(request, 50, 200)
        packed = self._pages.position(request)
        before = int.from_bytes(packed, "big") if packed else None
        wanted = {"actor": request.actor, "action": request.action, "subject": request.subject}
        async with self._database.snapshot() as tx:
            found = await audit.newest(tx, before, size + 1, **wanted)
        answer = audit_pb2.ListAuditEntriesResponse(entries=map(audit_wire.entry, found[:size]))
        if len(found) > size:
            answer.next_page_token = self._pages.seal(request, found[size - 1].position.to_bytes(8, "big"))
        return answer

    async def ReadAuditLog(
        self, request: audit_pb2.ReadAuditLogRequest, context: Any
    ) -> audit_pb2.ReadAuditLogResponse:
        after = request.after_position if request.HasField("after_position") else None
        async with self._database.snapshot() as tx:
            found = await audit.after(tx, after, request.page_size or MOST_AT_ONCE)
            end = await audit.end(tx)
        return audit_pb2.ReadAuditLogResponse(
            entries=map(audit_wire.entry, found), head_position=end.position, head_chain=end.chain
        )

    async def SignAuditCheckpoint(
        self, request: audit_pb2.SignAuditCheckpointRequest, context: Any
    ) -> audit_pb2.AuditCheckpoint:
        async with self._database.snapshot() as tx:
            end = await audit.end(tx)
        checkpoint = Checkpoint(end.position, (end.chain,), datetime.fromtimestamp(time.time(), UTC))
        return audit_pb2.AuditCheckpoint(token=audit_wire.signed(checkpoint, self._key), position=end.position)
