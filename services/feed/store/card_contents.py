"""Cards as JSON in the row of their post."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.feed.domain.cards import Card, Outage, OutageState, OutageUpdate, Severity, Sort, Vacancy, VacancyState

Stored = dict[str, Any]


def stored(card: Card | None) -> Stored | None:
    """A card as JSON."""
    if card is None:
        return None
    content = card.content
    return {
        "account": str(card.account),
        "via": card.via,
        "update_time": card.update_time.isoformat(),
        "external_id": card.external_id,
        "sort": int(card.sort),
        "content": _outage(content) if isinstance(content, Outage) else _vacancy(content),
    }


def card(row: Stored | None) -> Card | None:
    """The inverse of `stored`."""
    if row is None:
        return None
    content = row["content"]
    told = _told_outage(content) if row["sort"] == Sort.OUTAGE else _told_vacancy(content)
    moment = datetime.fromisoformat(row["update_time"])
    return Card(UUID(row["account"]), row["via"], told, moment, row["external_id"])


def _outage(outage: Outage) -> Stored:
    return {
        "title": outage.title,
        "severity": int(outage.severity),
        "start_time": outage.start_time.isoformat(),
        "affected_services": list(outage.affected_services),
        "regions": list(outage.regions),
        "state": int(outage.state),
        "solve_time": outage.solve_time.isoformat() if outage.solve_time else None,
        "updates": [[update.time.isoformat(), int(update.state), update.text] for update in outage.updates],
    }


def _told_outage(content: Stored) -> Outage:
    return Outage(
        title=content["title"],
        severity=Severity(content["severity"]),
        start_time=datetime.fromisoformat(content["start_time"]),
        affected_services=tuple(content["affected_services"]),
        regions=tuple(content["regions"]),
        state=OutageState(content["state"]),
        solve_time=datetime.fromisoformat(content["solve_time"]) if content["solve_time"] else None,
        updates=tuple(
            OutageUpdate(datetime.fromisoformat(moment), OutageState(state), text)
            for moment, state, text in content["updates"]
        ),
    )


def _vacancy(vacancy: Vacancy) -> Stored:
    return {
        "title": vacancy.title,
        "closing_date": vacancy.closing_date.isoformat(),
        "department": vacancy.department,
        "place": vacancy.place,
        "referral_url": vacancy.referral_url,
        "state": int(vacancy.state),
    }


def _told_vacancy(content: Stored) -> Vacancy:
    parsed = {"closing_date": date.fromisoformat(content["closing_date"]), "state": VacancyState(content["state"])}
    return Vacancy(**content | parsed)
