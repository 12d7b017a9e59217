"""The yearly report as a message and as a file."""

import csv
from collections.abc import Sequence
from io import StringIO

from google.api import httpbody_pb2
from plein.moderation.v1 import statistics_pb2

from services.moderation.domain.statistics import Table

CSV = "text/csv; charset=utf-8"


def report(name: str, tables: Sequence[Table], smallest: int) -> statistics_pb2.YearlyReport:
    """The report of a year."""
    return statistics_pb2.YearlyReport(name=name, smallest_count=smallest, tables=map(_table, tables))


def file(tables: Sequence[Table], smallest: int) -> httpbody_pb2.HttpBody:
    """The same as comma separated values."""
    written = StringIO()
    lines = csv.writer(written)
    lines.writerow(["table", "key", "count"])
    for table in tables:
        for key, count in [*table.cells.items(), ("", table.total)]:
            lines.writerow([table.name, key, f"<{smallest}" if count is None else count])
    return httpbody_pb2.HttpBody(content_type=CSV, data=written.getvalue().encode())


def _table(table: Table) -> statistics_pb2.NumberTable:
    cells = [statistics_pb2.NumberCell(key=key, count=count) for key, count in table.cells.items()]
    return statistics_pb2.NumberTable(table=table.name, cells=cells, total=table.total)
