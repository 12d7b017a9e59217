"""The segments that law keeps apart."""

from typing import Any

from plein.identity.v1 import identity_pb2

from chassis.events import append
from chassis.problems import BadInput, Stale
from services.identity import wire
from services.identity.rpc.base import Base
from services.identity.store import barriers

AGGREGATE = "barrierPolicy"


class Barriers(Base):
    """The methods of the policy, which there is one of."""

    async def GetBarrierPolicy(
        self, request: identity_pb2.GetBarrierPolicyRequest, context: Any
    ) -> identity_pb2.BarrierPolicy:
        async with self.database.snapshot() as tx:
            return wire.policy(await barriers.policy(tx))

    async def UpdateBarrierPolicy(
        self, request: identity_pb2.UpdateBarrierPolicyRequest, context: Any
    ) -> identity_pb2.BarrierPolicy:
        if set(request.update_mask.paths) - {"barriers"}:
            raise BadInput("BAD_MASK", "Only “barriers” can be changed.", field="update_mask")
        pairs = [(barrier.segment, barrier.other_segment) for barrier in request.policy.barriers]
        async with self.database.transaction() as tx:
            before = await barriers.policy(tx, lock=True)
            if request.policy.etag not in ("", str(before.version)):
                raise Stale("POLICY_CHANGED", "Somebody changed the barriers since you read them.")
            after = before.replaced(pairs)
            if after is not before:
                await barriers.save_policy(tx, after)
                await append(tx, AGGREGATE, after.version, wire.policy_changed(after))
            return wire.policy(after)
