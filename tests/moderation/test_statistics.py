"""The yearly report tells numbers in which nobody can be recognised, and tells the same when the cases are gone."""

import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from plein.chassis.v1 import events_pb2 as chassis_events_pb2
from plein.moderation.v1 import cases_pb2, cases_pb2_grpc, moderation_pb2, statistics_pb2, statistics_pb2_grpc
from sqlalchemy import text

from chassis.testing import World
from services.moderation.jobs.retention import retire_some
from tests.moderation.auditing import Tamperer
from tests.moderation.caller import Caller, Meet, refused
from tests.moderation.owners import Shelf

AGO = 3  # years
THEN = datetime.now(UTC).year - AGO
NO_ACTION, HIDE, MUTE = moderation_pb2.VERDICT_NO_ACTION, moderation_pb2.VERDICT_HIDE, moderation_pb2.VERDICT_MUTE
KEPT = ("reports", "snapshots", "notes", "decisions", "appeals", "unmaskings", "cases", "subjects")


class Office:
    """Those who report and judge, in a world in which nothing was reported before."""

    def __init__(self, world: World, shelf: Shelf, author: Caller, reporters: list[Caller], judge: Caller) -> None:
        self.world, self.shelf = world, shelf
        self.author, self.reporters = author, reporters
        self.cases = cases_pb2_grpc.CaseServiceStub(judge.channel)
        self.statistics = statistics_pb2_grpc.StatisticsServiceStub(judge.channel)

    async def judged(self, verdict: int, *, reports: int = 1, reason: str = "SPAM", **fields: Any) -> str:
        """The name of something that was reported and judged."""
        name = self.shelf.put(self.author, **fields)
        for reporter in self.reporters[:reports]:
            await reporter.report(name, reason)
        (case,) = [case for case in await self.open() if case.subject == name]
        await self.cases.TakeCase(cases_pb2.TakeCaseRequest(name=case.name))
        decision = cases_pb2.Decision(verdict=moderation_pb2.Verdict.ValueType(verdict))
        if verdict != NO_ACTION:
            decision.reason, decision.explanation = moderation_pb2.REPORT_REASON_SPAM, "It is spam."
        if verdict == MUTE:
            decision.period.FromJsonString("3600s")
        await self.cases.DecideCase(cases_pb2.DecideCaseRequest(name=case.name, decision=decision))
        return name

    async def open(self) -> list[moderation_pb2.Case]:
        return list((await self.cases.ListCases(cases_pb2.ListCasesRequest(page_size=200))).cases)

    async def grow_old(self) -> None:
        """Lets all of it have happened some years ago."""
        moments = {
            "cases": ("create_time", "update_time"),
            "reports": ("create_time", "decide_time"),
            "decisions": ("create_time", "end_time", "until"),
            "unmaskings": ("create_time",),
        }
        async with self.world.server.resources.database.transaction() as tx:
            for table, columns in moments.items():
                changed = ", ".join(f"{column} = {column} - interval '{AGO} years'" for column in columns)
                await tx.execute(text(f"UPDATE {table} SET {changed}"))

    async def report(self, year: int = THEN) -> dict[str, dict[str, int | None]]:
        """The numbers that are not 0, by table and key; totals have none."""
        request = statistics_pb2.GetYearlyReportRequest(name=f"yearlyReports/{year}")
        answer = await self.statistics.GetYearlyReport(request)
        return {table.table: told for table in answer.tables if (told := _told(table)) != {"": 0}}

    async def counted(self) -> dict[str, int]:
        """How many rows there are of each table."""
        async with self.world.server.resources.database.snapshot() as tx:
            return {table: (await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() for table in KEPT}

    async def retire(self) -> int:
        return await retire_some(self.world.server.resources)


def _told(table: statistics_pb2.NumberTable) -> dict[str, int | None]:
    told = {cell.key: cell.count if cell.HasField("count") else None for cell in table.cells}
    numbers = {key: count for key, count in told.items() if count != 0}
    return numbers | {"": table.total if table.HasField("total") else None}


@pytest.fixture
async def office(world: World, shelf: Shelf, meet: Meet) -> Office:
    await world.clean()
    author, *reporters = await meet("author", *(f"reporter{number}" for number in range(12)))
    (judge,) = await meet("judge", roles=["moderator"])
    return Office(world, shelf, author, reporters, judge)


async def test_what_happened_is_counted(office: Office) -> None:
    for _ in range(3):
        await office.judged(NO_ACTION, reports=4)
    for _ in range(10):
        await office.judged(HIDE, reason="HATE")
    for _ in range(11):
        await office.judged(NO_ACTION, name=f"people/{uuid4()}/photo")
    await office.grow_old()
    report = await office.report()
    assert report["reports_by_kind"] == {"posts": 22, "photo": 11, "": 33}
    assert report["reports_by_reason"] == {"SPAM": 23, "HATE": 10, "": 33}
    assert report["cases_by_kind"] == {"posts": 13, "photo": 11, "": 24}
    assert report["cases_by_origin"] == {"reports": 24, "": 24}
    assert report["decisions_by_verdict"] == {"NO_ACTION": 14, "HIDE": 10, "": 24}
    assert report["decisions_by_reason"] == {"SPAM": 10, "NONE": 14, "": 24}
    assert report["decisions_by_duration"] == {"within_a_day": 24, "": 24}
    assert report["reports_by_use"] == {"in_good_faith": 33, "": 33}
    assert all(report[table][""] for table in report)


async def test_small_numbers_are_not_told_nor_can_they_be_worked_out(office: Office) -> None:
    for _ in range(12):
        await office.judged(NO_ACTION)
    await office.judged(HIDE)
    await office.grow_old()
    report = await office.report()
    assert report["cases_by_kind"] == {"posts": 13, "": 13}
    # One is told of nobody, and with the other number it would be what is missing from the total.
    assert report["decisions_by_verdict"] == {"NO_ACTION": None, "HIDE": None, "": 13}


async def test_of_a_quiet_year_nothing_is_told(office: Office) -> None:
    await office.judged(HIDE)
    await office.grow_old()
    report = await office.report()
    assert {number for numbers in report.values() for number in numbers.values()} == {None}
    assert await office.report(THEN - 1) == {}


async def test_what_filters_held_is_counted_with_the_reports_that_came(office: Office) -> None:
    for reports in [0] * 10 + [1] * 10:
        name = office.shelf.put(office.author)
        for reporter in office.reporters[:reports]:
            await reporter.report(name)
        held = chassis_events_pb2.SubjectHeld(subject=name, filters=[f"filters/{uuid4()}"])
        await office.world.tell(name, held, source="feed")
    await office.grow_old()
    assert (await office.report())["cases_by_origin"] == {"filters": 10, "both": 10, "": 20}


async def test_the_file_says_the_same(office: Office) -> None:
    for _ in range(10):
        await office.judged(NO_ACTION)
    await office.judged(HIDE)
    await office.grow_old()
    request = statistics_pb2.ExportYearlyReportRequest(name=f"yearlyReports/{THEN}")
    file = await office.statistics.ExportYearlyReport(request)
    assert file.content_type == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(file.data.decode())))
    assert rows[0] == ["table", "key", "count"]
    assert ["cases_by_kind", "posts", "11"] in rows
    assert ["decisions_by_verdict", "HIDE", "<10"] in rows
    assert ["decisions_by_verdict", "", "11"] in rows


async def test_a_year_that_goes_on_is_not_told(office: Office) -> None:
    for year in (THEN + AGO, THEN + AGO + 1, 9999):
        refusal = await refused(office.report(year))
        assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "YEAR_NOT_OVER")


@pytest.mark.parametrize("roles", [[], ["editor"]])
async def test_only_those_who_answer_for_it_ask(meet: Meet, roles: list[str]) -> None:
    (someone,) = await meet("someone", roles=roles)
    api = statistics_pb2_grpc.StatisticsServiceStub(someone.channel)
    request = statistics_pb2.GetYearlyReportRequest(name=f"yearlyReports/{THEN}")
    assert (await refused(api.GetYearlyReport(request))).code == "PERMISSION_DENIED"


async def test_when_its_time_is_over_a_case_goes_and_its_numbers_stay(office: Office) -> None:
    for reports in (12, 1, 1):
        await office.judged(NO_ACTION, reports=reports)
    await office.grow_old()
    before = await office.report()
    assert await office.retire() == 3
    assert await office.counted() == dict.fromkeys(KEPT, 0)
    assert await office.report() == before
    assert await office.retire() == 0


async def test_numbers_of_many_times_add_up(office: Office) -> None:
    for _ in range(2):
        for _ in range(6):
            await office.judged(NO_ACTION)
        await office.grow_old()
        assert await office.retire() == 6
    assert (await office.report())["cases_by_kind"] == {"posts": 12, "": 12}


async def test_what_is_hidden_stays_hidden_without_a_word_about_it(office: Office) -> None:
    name = await office.judged(HIDE, reports=3)
    await office.grow_old()
    assert await office.retire() == 1
    left = await office.counted()
    assert {table: count for table, count in left.items() if count} == {"cases": 1, "decisions": 1, "subjects": 1}
    async with office.world.server.resources.database.snapshot() as tx:
        assert (await tx.execute(text("SELECT explanation FROM decisions"))).scalars().all() == [""]
        hidden = (await tx.execute(text("SELECT measure FROM subjects WHERE name = :name"), {"name": name})).scalar()
    assert hidden == 1
    assert await office.retire() == 0


async def test_a_case_is_kept_while_its_author_is_still_mute(office: Office) -> None:
    await office.judged(MUTE)
    await office.grow_old()
    async with office.world.server.resources.database.transaction() as tx:
        await tx.execute(text("UPDATE decisions SET until = now() + interval '1 hour'"))
    assert await office.retire() == 0


async def test_young_and_open_cases_are_kept(office: Office) -> None:
    await office.judged(NO_ACTION)
    assert await office.retire() == 0
    await office.reporters[0].report(office.shelf.put(office.author))
    await office.grow_old()
    assert await office.retire() == 1
    assert len(await office.open()) == 1


async def test_what_was_judged_so_long_ago_can_be_reported_again(office: Office) -> None:
    name = await office.judged(NO_ACTION)
    await office.grow_old()
    await office.retire()
    await office.reporters[0].report(name)
    assert [case.subject for case in await office.open()] == [name]


async def test_that_cases_went_is_in_the_audit_log(office: Office) -> None:
    await office.judged(NO_ACTION)
    await office.grow_old()
    await office.retire()
    last = (await Tamperer(office.world).entries())[-1]
    assert (last.actor, last.action, last.subject) == ("services/moderation", "cases.retired", "cases")
    assert '"count":1' in last.facts
