"""Reports, and what moderators decided."""

from tests.canary.cast import Cast
from tests.canary.crawl import Canary
from tests.canary.scenes.feed import post

REASON = "REPORT_REASON_HARASSMENT"


def reports(cast: Cast) -> list[Canary]:
    shown = post(cast, "member", "Hier is iets mis mee")
    _, case = reported(cast, shown, "Ik meld kanariemelding")
    cast.post("moderator", f"/v1/{case}/notes", text="Let op kanarienotitie")
    only = frozenset({"moderator"})
    return [
        # A report is its reporter's own, and the name of what it became says nothing to anybody else.
        Canary("kanariemelding", only | {"freelancer"}, (case,)),
        Canary("kanarienotitie", only),
    ]


def filters(cast: Cast) -> list[Canary]:
    filter_ = {"kind": "FILTER_KIND_WORD", "text": "kanariewoord", "effect": "FILTER_EFFECT_WARN"}
    name = cast.post("administrator", "/v1/filters", **filter_)["name"]
    return [Canary("kanariewoord", frozenset({"administrator", "moderator"}), (name,))]


def decisions(cast: Cast) -> list[Canary]:
    hidden = post(cast, "member", "Verborgen kanarieverborgen #kanarieschuil")
    removed = post(cast, "member", "Verwijderd kanarieverwijderd")
    for subject, verdict in ((hidden, "HIDE"), (removed, "REMOVE")):
        _, case = reported(cast, subject, "Kijk hier eens naar")
        reasons = {"reason": REASON, "explanation": f"Daarom {verdict.lower()}"}
        cast.post("moderator", f"/v1/{case}:decide", decision={"verdict": f"VERDICT_{verdict}", **reasons})
        cast.until_refused("freelancer", f"/v1/{subject}")
    # Its author has the statement of reasons, and who decided has the case.
    concerned = frozenset({"member", "moderator"})
    return [
        Canary("kanarieverborgen", concerned, (hidden,)),
        Canary("kanarieschuil", concerned),
        Canary("kanarieverwijderd", concerned, (removed,)),
    ]


def reported(cast: Cast, subject: str, note: str) -> tuple[str, str]:
    """The report of a freelancer, and the case about it, which the moderator took."""
    report = cast.patiently("freelancer", "/v1/reports", subject=subject, reason=REASON, note=note)["name"]
    cases = cast.ask("moderator", "GET", f"/v1/cases?author={cast.names['member']}")["cases"]
    [case] = [case["name"] for case in cases if case["subject"] == subject]
    cast.post("moderator", f"/v1/{case}:take")
    return report, case
