"""Cards as messages."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from uuid import UUID

from plein.feed.v1 import card_pb2, cards_pb2, events_pb2

from chassis.moments import timestamp
from chassis.problems import BadInput, NotFound
from chassis.viewer import ACCOUNTS
from services.feed.domain.cards import Card, Outage, OutageUpdate, Severity, Sort, Vacancy, outage, vacancy
from services.feed.domain.posts import Post

CHANGEABLE = ("title", "severity", "affected_services", "regions", "start_time")


def card(domain: Card) -> card_pb2.Card:
    """A card as all its readers see it."""
    content = domain.content
    return card_pb2.Card(
        account=f"{ACCOUNTS}{domain.account}",
        via=domain.via,
        external_id=domain.external_id,
        outage=_outage(content) if isinstance(content, Outage) else None,
        vacancy=_vacancy(content) if isinstance(content, Vacancy) else None,
        update_time=timestamp(domain.update_time),
    )


def card_changed(post: Post, told: Card, *, notifies: bool) -> events_pb2.CardChanged:
    """What the log tells of a changed card."""
    account, author = f"{ACCOUNTS}{told.account}", f"people/{post.author}"
    return events_pb2.CardChanged(post=post.name, author=author, account=account, notifies=notifies)


def card_follow(post: UUID, since: datetime) -> cards_pb2.CardFollow:
    """That the caller follows a card."""
    return cards_pb2.CardFollow(post=f"posts/{post}", create_time=timestamp(since))


def new_content(message: card_pb2.Card, zone: tzinfo, now: datetime) -> Outage | Vacancy:
    """What a new card tells."""
    if message.HasField("outage"):
        paths = [path for path in CHANGEABLE if path != "start_time" or message.outage.HasField("start_time")]
        return outage(_outage_fields(message.outage, paths), None, now)
    asked = message.vacancy
    fields: dict[str, Any] = {name: getattr(asked, name) for name in ("title", "department", "place", "referral_url")}
    return vacancy(fields | {"closing_date": _day(asked.closing_date)}, zone, now)


def changed_outage(message: card_pb2.Outage, paths: Iterable[str], before: Outage, now: datetime) -> Outage:
    """An outage with what a mask names."""
    named = set(paths)
    if not named or named - set(CHANGEABLE):
        sentence = "Only {fields} can be changed."
        raise BadInput("BAD_MASK", sentence, field="update_mask", fields=", ".join(CHANGEABLE))
    if "start_time" in named and not message.HasField("start_time"):
        raise BadInput("NO_START_TIME", "An outage began at some time.", field="outage.start_time")
    return outage(_outage_fields(message, named), before, now)


def asked_states(request: cards_pb2.ListCardsRequest) -> dict[Sort, list[int]]:
    """Which cards a list is about: the states of each sort, or any (empty)."""
    states = {Sort.OUTAGE: [int(state) for state in request.outage_states], Sort.VACANCY: [int(request.vacancy_state)]}
    if not request.vacancy_state:
        states[Sort.VACANCY] = []
    named = {sort: wanted for sort, wanted in states.items() if wanted}
    if request.sort:
        return {Sort(request.sort): states[Sort(request.sort)]}
    return named or states


def unknown_account(name: str) -> NotFound:
    return NotFound("ACCOUNT_NOT_FOUND", "There is no {name}.", name=name)


def _outage_fields(message: card_pb2.Outage, paths: Iterable[str]) -> dict[str, Any]:
    if "severity" in paths and not message.severity:
        raise BadInput("NO_SEVERITY", "Say how bad it is.", field="outage.severity")
    fields = {
        "title": message.title,
        "severity": Severity(message.severity) if message.severity else None,
        "affected_services": tuple(message.affected_services),
        "regions": tuple(message.regions),
        "start_time": message.start_time.ToDatetime(tzinfo=UTC),
    }
    return {path: fields[path] for path in paths}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        sentence = "“{text}” is no day, such as 2027-03-31."
        raise BadInput("NO_DAY", sentence, field="vacancy.closing_date", text=text) from None


def _outage(domain: Outage) -> card_pb2.Outage:
    return card_pb2.Outage(
        title=domain.title,
        severity=card_pb2.OutageSeverity.ValueType(domain.severity),
        affected_services=domain.affected_services,
        regions=domain.regions,
        state=card_pb2.OutageState.ValueType(domain.state),
        start_time=timestamp(domain.start_time),
        solve_time=timestamp(domain.solve_time) if domain.solve_time else None,
        updates=[_update(update) for update in domain.updates],
    )


def _update(domain: OutageUpdate) -> card_pb2.OutageUpdate:
    state = card_pb2.OutageState.ValueType(domain.state)
    return card_pb2.OutageUpdate(time=timestamp(domain.time), state=state, text=domain.text)


def _vacancy(domain: Vacancy) -> card_pb2.Vacancy:
    return card_pb2.Vacancy(
        title=domain.title,
        department=domain.department,
        place=domain.place,
        closing_date=domain.closing_date.isoformat(),
        referral_url=domain.referral_url,
        state=card_pb2.VacancyState.ValueType(domain.state),
    )
