"""Suspending, letting in again, and roles."""

import asyncio
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from plein.chassis.v1 import audience_pb2
from plein.identity.v1 import events_pb2, identity_pb2
from sqlalchemy import text

from chassis.testing import Person
from tests.identity.house import House, person_of, why

# Whoever opens a session waits for a lock that the test holds.
SLOW_SESSIONS = [
    """CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END $$""",
    "CREATE TRIGGER waits BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION wait()",
]
NOON = datetime(2099, 1, 1, 12, tzinfo=UTC)
SUSPENDED, ACTIVE = identity_pb2.PERSON_STATUS_SUSPENDED, identity_pb2.PERSON_STATUS_ACTIVE


async def suspend(house: House, name: str, caller: Person | str = "operator") -> identity_pb2.Person:
    answer = await house.stub(caller).SuspendPerson(identity_pb2.SuspendPersonRequest(name=name))
    await house.world.caught_up()
    return answer


async def reinstate(house: House, name: str, caller: Person | str = "operator") -> identity_pb2.Person:
    answer = await house.stub(caller).ReinstatePerson(identity_pb2.ReinstatePersonRequest(name=name))
    await house.world.caught_up()
    return answer


async def revoke(house: House, name: str, role: str, caller: Person | str = "operator") -> identity_pb2.Person:
    return await house.stub(caller).RevokeRole(identity_pb2.RevokeRoleRequest(name=name, role=role))


async def administrator(house: House, handle: str) -> Person:
    hired = await house.hire(handle, role="administrator")
    return Person(hired.id, handle, (await house.sign_in(handle)).access_token)


async def test_a_suspended_person_is_out_everywhere_and_comes_in_anew_afterwards(house: House) -> None:
    anja = await house.hire("anja")
    tokens = await house.sign_in("anja")
    assert (await suspend(house, anja.name)).status == SUSPENDED
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.person("people/me", caller=person_of(tokens))
    assert why(refusal) == (grpc.StatusCode.UNAUTHENTICATED, "SESSION_ENDED")
    assert (await reinstate(house, anja.name)).status == ACTIVE
    for attempt in (house.person("people/me", caller=person_of(tokens)), house.refresh(tokens.refresh_token)):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await attempt
        assert refusal.value.code() == grpc.StatusCode.UNAUTHENTICATED
    again = await house.sign_in("anja")
    assert (await house.person("people/me", caller=person_of(again))).name == anja.name


async def test_suspending_and_reinstating_are_told_and_twice_is_once(house: House) -> None:
    bert = await house.hire("bert")
    begun = len(await house.told(bert.name))
    etags = [(await suspend(house, bert.name)).etag for _ in range(2)]
    assert etags[0] == etags[1]
    for _ in range(2):
        await reinstate(house, bert.name)
    access = audience_pb2.PersonAccessChanged(person=bert.name, kind=audience_pb2.WORKER_KIND_EMPLOYEE, epoch=1)
    let_in = audience_pb2.PersonAccessChanged()
    let_in.CopyFrom(access)
    let_in.active = True
    assert (await house.told(bert.name))[begun:] == [
        access,
        events_pb2.PersonSuspended(person=bert.name),
        events_pb2.PersonChanged(person=bert.name),
        let_in,
        events_pb2.PersonReinstated(person=bert.name),
        events_pb2.PersonChanged(person=bert.name),
    ]


async def test_who_never_came_in_is_invited_again(house: House) -> None:
    name = await house.newcomer("cor")
    assert (await suspend(house, name)).status == SUSPENDED
    assert (await reinstate(house, name)).status == identity_pb2.PERSON_STATUS_INVITED


async def test_nobody_suspends_themselves(house: House) -> None:
    dina = await administrator(house, "dina")
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await suspend(house, "people/me", dina)
    assert why(refusal) == (grpc.StatusCode.PERMISSION_DENIED, "NOT_YOURSELF")


async def test_members_and_other_services_suspend_nobody(house: House) -> None:
    member = await house.hire("evert")
    for caller in (member, "feed", "moderation"):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await suspend(house, member.name, caller)
        assert why(refusal) == (grpc.StatusCode.PERMISSION_DENIED, "NOT_YOUR_ROLE")


async def test_the_last_administrator_stays(house: House) -> None:
    await house.world.clean()
    one, other = await administrator(house, "frans"), await administrator(house, "frida")
    await suspend(house, other.name, one)
    for attempt in (suspend(house, one.name), revoke(house, one.name, "administrator")):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await attempt
        assert why(refusal) == (grpc.StatusCode.FAILED_PRECONDITION, "LAST_ADMINISTRATOR")
    await reinstate(house, other.name)
    assert "administrator" not in (await revoke(house, one.name, "administrator")).roles


async def test_two_administrators_who_suspend_each_other_at_once_leave_one(house: House) -> None:
    await house.world.clean()
    one, other = await administrator(house, "gaby"), await administrator(house, "gina")
    results = await asyncio.gather(
        suspend(house, other.name, one), suspend(house, one.name, other), return_exceptions=True
    )
    assert len([result for result in results if isinstance(result, identity_pb2.Person)]) == 1


async def test_roles_work_with_the_next_token_and_end_at_once(house: House) -> None:
    hanna = await house.hire("hanna")
    begun = len(await house.told(hanna.name))
    grant = identity_pb2.GrantRoleRequest(name=hanna.name, role="administrator")
    for _ in range(2):
        assert list((await house.stub("operator").GrantRole(grant)).roles) == ["administrator"]
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.stub(hanna).ListPeople(identity_pb2.ListPeopleRequest())
    assert refusal.value.code() == grpc.StatusCode.PERMISSION_DENIED
    tokens = await house.sign_in("hanna")
    assert (await house.stub(person_of(tokens)).ListPeople(identity_pb2.ListPeopleRequest())).people
    await administrator(house, "hetty")
    await revoke(house, hanna.name, "administrator")
    await house.world.caught_up()
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.stub(person_of(tokens)).ListPeople(identity_pb2.ListPeopleRequest())
    assert why(refusal) == (grpc.StatusCode.UNAUTHENTICATED, "SESSION_ENDED")
    weaker = person_of(await house.refresh(tokens.refresh_token))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.stub(weaker).ListPeople(identity_pb2.ListPeopleRequest())
    assert refusal.value.code() == grpc.StatusCode.PERMISSION_DENIED
    told = [event for event in (await house.told(hanna.name))[begun:] if "Role" in type(event).__name__]
    actor = "services/operator"
    assert told == [
        events_pb2.RoleGranted(person=hanna.name, role="administrator", actor=actor),
        events_pb2.RoleRevoked(person=hanna.name, role="administrator", actor=actor),
    ]


async def test_people_who_are_not_there_can_neither_be_suspended_nor_promoted(house: House) -> None:
    nobody = "people/018f0000-0000-7000-8000-000000000000"
    for attempt in (suspend(house, nobody), reinstate(house, nobody), revoke(house, nobody, "editor")):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await attempt
        assert why(refusal) == (grpc.StatusCode.NOT_FOUND, "PERSON_NOT_FOUND")


async def test_a_suspension_during_sign_in_leaves_no_session(house: House) -> None:
    ivo = await house.hire("ivo")
    database = house.world.server.resources.database
    async with database.transaction() as tx:
        for statement in SLOW_SESSIONS:
            await tx.execute(text(statement))
    async with database.transaction() as tx:
        await tx.execute(text("SELECT pg_advisory_xact_lock(7)"))
        coming_in = asyncio.create_task(house.sign_in("ivo"))
        await waiting(house, 1)
        suspending = asyncio.create_task(suspend(house, ivo.name))
        await waiting(house, 2, unless=suspending)
    await asyncio.gather(coming_in, suspending)
    assert [session for session in (await house.dump())["sessions"] if session[1] == ivo.id] == []
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.refresh(coming_in.result().refresh_token)
    assert why(refusal)[1] == "REFRESH_REFUSED"


async def waiting(house: House, count: int, unless: "asyncio.Task[identity_pb2.Person] | None" = None) -> None:
    """Waits until so many transactions wait for a lock, or the task has ended."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(5):
        while not (unless and unless.done()):
            async with house.world.server.resources.database.snapshot() as tx:
                if (await tx.execute(query)).scalar_one() >= count:
                    return


async def hold(house: House, name: str, hours: int | None, caller: Person | str = "moderation") -> None:
    request = identity_pb2.HoldPersonRequest(name=name)
    if hours is not None:
        request.until.FromDatetime(NOON + timedelta(hours=hours))
    await house.stub(caller).HoldPerson(request)
    await house.world.caught_up()


async def test_whom_moderators_hold_is_out_until_they_say_otherwise(house: House) -> None:
    anja = await house.hire("anja")
    tokens = await house.sign_in("anja")
    begun = len(await house.told(anja.name))
    for hours in (1, 1, 2):
        await hold(house, anja.name, hours)
    for attempt in (
        house.person("people/me", caller=person_of(tokens)),
        house.refresh(tokens.refresh_token),
        house.sign_in("anja"),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await attempt
        assert refusal.value.code() == grpc.StatusCode.UNAUTHENTICATED
    for _ in range(2):
        await hold(house, anja.name, None)
    again = await house.sign_in("anja")
    assert (await house.person("people/me", caller=person_of(again))).status == ACTIVE
    told = (await house.told(anja.name))[begun:]
    assert [event.active for event in told if isinstance(event, audience_pb2.PersonAccessChanged)] == [False, True]


async def test_a_hold_and_a_suspension_do_not_end_each_other(house: House) -> None:
    bert = await house.hire("bert")
    await house.sign_in("bert")
    await hold(house, bert.name, 1)
    await suspend(house, bert.name)
    assert (await reinstate(house, bert.name)).status == ACTIVE
    assert (await reinstate(house, bert.name)).status == ACTIVE
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.sign_in("bert")
    assert why(refusal) == (grpc.StatusCode.UNAUTHENTICATED, "SIGN_IN_REFUSED")
    await suspend(house, bert.name)
    await hold(house, bert.name, None)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await house.sign_in("bert")
    assert why(refusal) == (grpc.StatusCode.UNAUTHENTICATED, "SIGN_IN_REFUSED")


async def test_the_last_administrator_is_not_held_and_only_moderation_holds(house: House) -> None:
    await house.world.clean()
    one, other = await administrator(house, "one"), await administrator(house, "other")
    await hold(house, other.name, 1)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await hold(house, one.name, 1)
    assert why(refusal) == (grpc.StatusCode.FAILED_PRECONDITION, "LAST_ADMINISTRATOR")
    for caller in (one, "operator", "feed"):
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await hold(house, other.name, None, caller)
        assert refusal.value.code() == grpc.StatusCode.PERMISSION_DENIED
