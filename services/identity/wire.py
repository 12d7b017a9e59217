"""Identity's domain as messages, names as ids, and changes as events."""

from collections.abc import Sequence
from uuid import UUID

from google.protobuf.message import Message
from plein.chassis.v1 import audience_pb2
from plein.identity.v1 import accounts_pb2, events_pb2, identity_pb2

from chassis import viewer
from chassis.moments import timestamp
from chassis.problems import NotFound
from services.identity.domain.accounts import ServiceAccount
from services.identity.domain.barriers import Pairs, Policy
from services.identity.domain.hr_file import BadRow
from services.identity.domain.imports import Change
from services.identity.domain.people import ADMINISTRATOR, Person, Shown, Status
from services.identity.domain.sign_in import Session

_ALIKE = (
    "handle", "given_name", "family_name", "email", "employer", "department", "title", "location", "phone", "language",
)  # fmt: skip
_MOVED = {
    Status.ACTIVE: events_pb2.PersonReinstated,
    Status.INVITED: events_pb2.PersonReinstated,
    Status.SUSPENDED: events_pb2.PersonSuspended,
    Status.DEPARTED: events_pb2.PersonDeparted,
}


def sees_all(caller: viewer.Viewer) -> bool:
    """Administrators and services see everybody, and all about them."""
    return bool(caller.service) or ADMINISTRATOR in caller.roles


def person(shown: Shown) -> identity_pb2.Person:
    """A person as the caller may see them."""
    domain, caller = shown.person, viewer.current()
    message = identity_pb2.Person(
        name=domain.name,
        kind=audience_pb2.WorkerKind.ValueType(domain.kind),
        sponsor=_person_name(shown.sponsor),
        manager=_person_name(shown.manager),
        start_date=domain.start_date.isoformat() if domain.start_date else "",
        end_date=domain.end_date.isoformat() if domain.end_date else "",
        status=identity_pb2.PersonStatus.ValueType(domain.status),
        create_time=timestamp(domain.create_time),
        update_time=timestamp(domain.update_time),
        etag=str(domain.version),
        **{name: getattr(domain, name) for name in _ALIKE},
    )
    if sees_all(caller) or caller.person == domain.id:
        message.personnel_number = domain.personnel_number
        message.roles.extend(domain.roles)
    if sees_all(caller):
        message.segments.extend(domain.segments)
    return message


def session(domain: Session, current: UUID | None) -> identity_pb2.Session:
    """A session in its person's list."""
    return identity_pb2.Session(
        name=domain.name,
        device=domain.device,
        current=domain.id == current,
        create_time=timestamp(domain.create_time),
        expire_time=timestamp(domain.expire_time),
    )


def policy(domain: Policy) -> identity_pb2.BarrierPolicy:
    """Which segments are kept apart."""
    return identity_pb2.BarrierPolicy(barriers=_barriers(domain.pairs), etag=str(domain.version))


def policy_changed(domain: Policy) -> audience_pb2.BarriersChanged:
    return audience_pb2.BarriersChanged(barriers=_barriers(domain.pairs))


def changed(before: Person | None, after: Person, actor: str) -> list[Message]:
    """What the log tells of a change: identifiers, and what decides about access."""
    events: list[Message] = []
    if before is None or _access(before) != _access(after):
        events.append(_access(after))
    if before is not None and before.status is not after.status:
        first = after.status is Status.ACTIVE and not before.activated
        kind = events_pb2.PersonActivated if first else _MOVED[after.status]
        events.append(kind(person=after.name))
    if before is None or _told(before) != _told(after):
        events.append(events_pb2.PersonChanged(person=after.name))
    held, holds = set(before.roles if before else ()), set(after.roles)
    granted, revoked = events_pb2.RoleGranted, events_pb2.RoleRevoked
    events += [granted(person=after.name, role=role, actor=actor) for role in sorted(holds - held)]
    events += [revoked(person=after.name, role=role, actor=actor) for role in sorted(held - holds)]
    return events


def account(domain: ServiceAccount) -> accounts_pb2.ServiceAccount:
    """A service account, without its secrets."""
    overlap = domain.previous_expire_time
    return accounts_pb2.ServiceAccount(
        name=domain.name,
        title=domain.title,
        owner=f"people/{domain.owner}",
        scopes=domain.scopes,
        disabled=domain.disabled,
        previous_secret_expire_time=timestamp(overlap) if overlap else None,
        create_time=timestamp(domain.create_time),
        update_time=timestamp(domain.update_time),
        etag=str(domain.version),
    )


def account_access(domain: ServiceAccount) -> audience_pb2.ServiceAccountAccessChanged:
    return audience_pb2.ServiceAccountAccessChanged(
        account=domain.name,
        owner=f"people/{domain.owner}",
        scopes=domain.scopes,
        active=not domain.disabled,
        epoch=domain.epoch,
    )


def imported(
    name: str, number: str, line: int, outcome: "identity_pb2.ImportOutcome.ValueType", fields: Sequence[Change] = ()
) -> identity_pb2.ImportPeopleResponse:
    """What a row did."""
    changes = [identity_pb2.FieldChange(field=c.field, before=c.before, after=c.after) for c in fields]
    return identity_pb2.ImportPeopleResponse(
        person=identity_pb2.ImportedPerson(
            name=name, personnel_number=number, line=line, outcome=outcome, changes=changes
        )
    )


def bad_row(domain: BadRow) -> identity_pb2.ImportPeopleResponse:
    """A row that did not go in."""
    return identity_pb2.ImportPeopleResponse(bad_row=identity_pb2.BadRow(**domain._asdict()))


def person_id(name: str) -> UUID:
    """The id in `people/{person}`; `people/me` is the caller. What is no id is as unknown as an id of nobody."""
    caller = viewer.current().person
    if name == "people/me" and caller:
        return caller
    try:
        return UUID(name.removeprefix("people/"))
    except ValueError:
        raise unknown_person(name) from None


def session_id(name: str) -> UUID:
    """The id in `sessions/{session}`."""
    try:
        return UUID(name.removeprefix("sessions/"))
    except ValueError:
        raise unknown_session(name) from None


def account_id(name: str) -> UUID:
    """The id in `serviceAccounts/{account}`."""
    found = client_id(name)
    if found is None:
        raise unknown_account(name)
    return found


def client_id(name: str) -> UUID | None:
    """The id in what a client calls itself, or None when there is none in it."""
    try:
        return UUID(name.removeprefix(viewer.ACCOUNTS))
    except ValueError:
        return None


def unknown_account(name: str) -> NotFound:
    return NotFound("ACCOUNT_NOT_FOUND", "There is no {name}.", name=name)


def unknown_person(name: str) -> NotFound:
    return NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_session(name: str) -> NotFound:
    return NotFound("SESSION_NOT_FOUND", "You have no {name}.", name=name)


def _access(domain: Person) -> audience_pb2.PersonAccessChanged:
    return audience_pb2.PersonAccessChanged(
        person=domain.name,
        kind=audience_pb2.WorkerKind.ValueType(domain.kind),
        segments=domain.segments,
        active=domain.may_come_in,
        epoch=domain.epoch,
    )


def _told(domain: Person) -> tuple[object, ...]:
    """What others may read of a person, apart from what other events tell."""
    alike = tuple(getattr(domain, name) for name in _ALIKE)
    return (*alike, domain.kind, domain.sponsor, domain.manager, domain.start_date, domain.end_date, domain.status)


def _person_name(id_: UUID | None) -> str:
    return f"people/{id_}" if id_ else ""


def _barriers(pairs: Pairs) -> list[audience_pb2.Barrier]:
    return [audience_pb2.Barrier(segment=one, other_segment=other) for one, other in pairs]
