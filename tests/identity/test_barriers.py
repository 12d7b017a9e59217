"""The barrier policy."""

import asyncio

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from plein.chassis.v1 import audience_pb2
from plein.identity.v1 import identity_pb2

from chassis.testing import Person
from tests.identity.house import House, why


async def update(
    house: House, *pairs: tuple[str, str], etag: str = "", mask: str = "", caller: Person | str = "operator"
) -> identity_pb2.BarrierPolicy:
    barriers = [audience_pb2.Barrier(segment=one, other_segment=other) for one, other in pairs]
    policy = identity_pb2.BarrierPolicy(barriers=barriers, etag=etag)
    paths = FieldMask(paths=[mask] if mask else [])
    request = identity_pb2.UpdateBarrierPolicyRequest(policy=policy, update_mask=paths)
    return await house.stub(caller).UpdateBarrierPolicy(request)


def pairs_of(policy: identity_pb2.BarrierPolicy | audience_pb2.BarriersChanged) -> list[tuple[str, str]]:
    return [(barrier.segment, barrier.other_segment) for barrier in policy.barriers]


async def test_the_whole_policy_is_replaced_and_told(house: House) -> None:
    await update(house, ("retail", "network"), ("network", "retail"), ("audit", "sales"))
    changed = await update(house, ("retail", "network"), mask="barriers")
    read = await house.stub("operator").GetBarrierPolicy(identity_pb2.GetBarrierPolicyRequest())
    assert read == changed
    assert pairs_of(read) == [("network", "retail")]
    told = [pairs_of(event) for event in await house.told("barrierPolicy")]  # type: ignore[arg-type]  # its only event
    assert told == [[("audit", "sales"), ("network", "retail")], [("network", "retail")]]
    assert (await update(house, ("network", "retail"))).etag == changed.etag
    assert len(await house.told("barrierPolicy")) == 2


async def test_a_stale_policy_is_refused(house: House) -> None:
    first = await update(house, ("a", "b"))
    await update(house, ("a", "c"), etag=first.etag)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await update(house, ("a", "d"), etag=first.etag)
    assert why(refusal) == (grpc.StatusCode.ABORTED, "POLICY_CHANGED")


async def test_of_two_updates_at_once_one_is_stale(house: House) -> None:
    etag = (await update(house, ("x", "y"))).etag
    results = await asyncio.gather(
        *(update(house, ("x", f"z{number}"), etag=etag) for number in range(20)), return_exceptions=True
    )
    assert len([result for result in results if isinstance(result, identity_pb2.BarrierPolicy)]) == 1


async def test_a_barrier_needs_two_segments_and_only_barriers_change(house: House) -> None:
    for attempt, reason in [
        (update(house, ("a", "a")), "BARRIER_TO_ITSELF"),
        (update(house, ("a", "B b")), "BAD_FIELD"),
        (update(house, ("a", "b"), mask="etag"), "BAD_MASK"),
    ]:
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await attempt
        assert why(refusal) == (grpc.StatusCode.INVALID_ARGUMENT, reason)


async def test_only_administrators_set_barriers(house: House) -> None:
    member = await house.hire("lid")
    for caller in (member, "moderation"):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await update(house, ("a", "b"), caller=caller)
        assert refusal.value.code() == grpc.StatusCode.PERMISSION_DENIED
