"""The yearly report."""

from typing import Any
from zoneinfo import ZoneInfo

from google.api import httpbody_pb2
from plein.moderation.v1 import statistics_pb2, statistics_pb2_grpc

from services.moderation.domain.statistics import Table, anonymous, check_over
from services.moderation.rpc.base import Base, now
from services.moderation.store import statistics
from services.moderation.wire import statistics as statistics_wire


class Statistics(Base, statistics_pb2_grpc.StatisticsServiceServicer):
    """Numbers of years that are over."""

    async def GetYearlyReport(
        self, request: statistics_pb2.GetYearlyReportRequest, context: Any
    ) -> statistics_pb2.YearlyReport:
        tables = await self._tables(request.name)
        return statistics_wire.report(request.name, tables, self.settings.report_smallest_count)

    async def ExportYearlyReport(
        self, request: statistics_pb2.ExportYearlyReportRequest, context: Any
    ) -> httpbody_pb2.HttpBody:
        return statistics_wire.file(await self._tables(request.name), self.settings.report_smallest_count)

    async def _tables(self, name: str) -> list[Table]:
        year, zone = int(name.partition("/")[2]), self.settings.organisation_time_zone
        check_over(year, now().astimezone(ZoneInfo(zone)).date())
        async with self.database.snapshot() as tx:
            counts = await statistics.of_year(tx, year, zone)
        return anonymous(counts, self.settings.report_smallest_count)
