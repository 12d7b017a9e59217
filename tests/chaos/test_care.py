"""Processes are killed and frozen while people report and moderators decide, those whose content it is among them.

There is one case about each subject, what was decided last is in force once and with everybody who owns something, and
the audit log is what was written.
"""

import asyncio
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from deploy.stack import Stack
from services.feed.domain.notifications import Kind
from tests.chaos.crowd import PLEIN, Crowd, empty_stack
from tests.chaos.faults import FAULTS, Fault, frozen, killed
from tests.chaos.judgements import MODERATORS, Judgements
from tests.chaos.logs import every, rows, wrong_logs
from tests.chaos.trial import SECONDS, all_of, right_again, stood

PEOPLE = MODERATORS + 24
ROOMY = {"REPORTS_AN_HOUR": "1000000", "REPORTS_A_DAY": "1000000", "AUDIT_CHECKPOINT_SECONDS": "1"}
BEFALLING: dict[str, Fault] = {"moderation killed": killed("moderation"), "feed away": frozen("feed")}
BEFALLING |= {"blog away": frozen("blog")} | {name: FAULTS[name] for name in ("valkey killed", "postgres killed")}

# Each finds rows of moderation that should not be there. Nothing is changed after it was judged.
NONE_IN_MODERATION = {
    "I2 one report of each person": "SELECT subject, reporter FROM reports GROUP BY 1, 2 HAVING count(*) > 1",
    "I7 reports are counted": """
        SELECT id FROM cases WHERE report_count <> (
            SELECT count(*) FROM reports WHERE case_id = cases.id
                AND (cases.verdict = 0 OR decide_time IS NULL OR create_time < decide_time))""",
    "C1 one case a subject": "SELECT subject FROM cases GROUP BY subject HAVING count(*) > 1",
    "C2 each decision is in force once": """
        SELECT id FROM cases WHERE (verdict <> 0)::int <> (
            SELECT count(*) FROM decisions WHERE case_id = cases.id AND end_time IS NULL)""",
    "C3 a subject is measured by what is in force": """
        SELECT name FROM subjects WHERE measure <> (
            SELECT max(CASE WHEN hidden_while_pending OR verdict = 2 THEN 1 WHEN verdict = 3 THEN 2 ELSE 0 END)
            FROM cases WHERE subject = name)""",
    "C4 each decision is told once": """
        SELECT id FROM cases WHERE (SELECT count(*) FROM decisions WHERE case_id = cases.id) <> (
            SELECT count(*) FROM eventlog.events
            WHERE aggregate = 'cases/' || cases.id AND type = 'plein.moderation.v1.DecisionMade')""",
    "C5 each decision is in the audit log": """
        SELECT id FROM cases WHERE (SELECT count(*) FROM decisions WHERE case_id = cases.id) <> (
            SELECT count(*) FROM audit.entries WHERE subject = 'cases/' || cases.id AND action = 'case.decided')""",
}
MEASURES = "SELECT name, measure FROM subjects WHERE measure > 0"
REPORTS = "SELECT subject, 'people/' || reporter FROM reports"
VERDICTS = "SELECT 'cases/' || id, verdict FROM cases"
# Authors are told of what was decided against them, and once more when it was a mistake.
DECISIONS = """
    SELECT person::text, sum(1 + (end_time IS NOT NULL)::int) FROM decisions WHERE verdict > 1 GROUP BY person"""
TOLD = f"SELECT recipient::text, count(*) FROM notification_entries WHERE kind = {Kind.DECISION} GROUP BY recipient"
SHOWN = "SELECT '{table}/' || id, removed::int + (hidden OR removed)::int FROM {table} WHERE hidden OR removed"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with empty_stack(**ROOMY) as started:
        yield started


@pytest.fixture(scope="module")
async def crowd(stack: Stack) -> Crowd:
    made = Crowd(stack)
    await made.come_in(PEOPLE, moderators=MODERATORS)
    return made


@pytest.mark.parametrize("fault", BEFALLING)
async def test_each_decision_is_in_force_once_and_everywhere(stack: Stack, fault: str, crowd: Crowd) -> None:
    async with crowd.client() as http:
        judgements = Judgements(crowd, http)
        await judgements.begin()
        working = judgements.all_at_work(time.monotonic() + SECONDS, Random(fault))
        await stood(stack, BEFALLING[fault], all_of(*working))
        seconds = await right_again(lambda: wrongs(stack, judgements))
    await verify_audit_log(stack)
    done = len(judgements.subjects), len(judgements.reports), len(judgements.verdicts)
    print(f"{fault}: {done} subjects, reports and cases decided, all right after {seconds:.1f} s")


async def wrongs(stack: Stack, judgements: Judgements) -> dict[str, Any]:
    """What does not hold now."""
    wrong = await wrong_logs(stack)
    wrong |= {
        name: found[:5] for name, found in (await every(stack, "moderation", NONE_IN_MODERATION)).items() if found
    }
    facts = {"measures": MEASURES, "reports": REPORTS, "verdicts": VERDICTS, "decisions": DECISIONS}
    found = await every(stack, "moderation", facts)
    lost = [*(judgements.reports - set(found["reports"])), *(judgements.verdicts.items() - set(found["verdicts"]))]
    if lost:
        wrong["I1 what was acknowledged stands"] = lost[:5]
    shown = await rows(stack, "feed", SHOWN.format(table="posts"))
    shown += await rows(stack, "blog", SHOWN.format(table="comments"))
    if unlike := set(found["measures"]) ^ set(shown):
        wrong["C6 owners show what was decided"] = list(unlike)[:5]
    if untold := set(found["decisions"]) ^ set(await rows(stack, "feed", TOLD)):
        wrong["I9 authors are told of each decision once"] = list(untold)[:5]
    return wrong


async def verify_audit_log(stack: Stack) -> None:
    """I11: the audit log is what was written, also by the checkpoints that were made meanwhile."""
    command = [str(PLEIN), "audit", "verify", "--home", str(stack.home)]
    pipe, both = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=both)
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
