"""Tables that people take away, as CSV and as a workbook: no cell is one that a spreadsheet would run (S9)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO

from engage.kernel.text import csv_safe
from engage.kernel.when import local_time

Cell = str | int | datetime | None
CSV_TYPE = "text/csv; charset=utf-8; header=present"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767  # characters that a workbook's cell may hold
_SAFE_OPTIONS = {
    "constant_memory": True,  # one row at a time
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_zip64": True,  # a sheet may be larger than 4 GB before it is packed
}
_PIECE = 64 * 1024


def csv_file(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return rows as CSV (RFC 4180) in UTF-8; instants in UTC (RFC 3339)."""
    return b"".join(csv_pieces(rows))


def csv_pieces(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Give the same piece by piece, for files of any length."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in _as_text(rows):
        writer.writerow(row)
        if text.tell() >= _PIECE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def xlsx_file(rows: Iterable[Sequence[Cell]], *, timezone: str, sheet_name: str = "Sheet1") -> bytes:
    """Return rows as a workbook of one sheet, the first row as its head; instants as dates in a time zone.

    A column of the head whose name ends in "_at" says the zone, since a date in a workbook cannot.
    """
    file = io.BytesIO()
    _write_workbook(file, rows, timezone=timezone, sheet_name=sheet_name)
    return file.getvalue()


def xlsx_pieces(rows: Iterable[Sequence[Cell]], *, timezone: str, sheet_name: str = "Sheet1") -> Iterator[bytes]:
    """Give the same piece by piece: it is written to the disk first, where no name leads to it."""
    with TemporaryFile() as file:
        _write_workbook(file, rows, timezone=timezone, sheet_name=sheet_name)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _write_workbook(file: IO[bytes], rows: Iterable[Sequence[Cell]], *, timezone: str, sheet_name: str) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415 - 3 MB in each server process, which few of them ever need

    with Workbook(file, dict(_SAFE_OPTIONS)) as workbook:
        sheet = workbook.add_worksheet(sheet_name)
        bold = workbook.add_format({"bold": True})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 50, 20)
        for number, row in enumerate(rows):
            for column, cell in enumerate(_with_zone(row, timezone) if number == 0 else row):
                if isinstance(cell, datetime):
                    wall = local_time(cell, timezone).replace(tzinfo=None)
                    sheet.write_datetime(number, column, wall, moment)
                elif isinstance(cell, int):
                    sheet.write_number(number, column, cell)
                elif cell:
                    sheet.write_string(number, column, csv_safe(cell)[:LONGEST_CELL], bold if number == 0 else None)


def _with_zone(head: Sequence[Cell], timezone: str) -> list[Cell]:
    return [f"{name} ({timezone})" if isinstance(name, str) and name.endswith("_at") else name for name in head]


def _as_text(rows: Iterable[Sequence[Cell]]) -> Iterator[list[str]]:
    for row in rows:
        yield [cell.isoformat() if isinstance(cell, datetime) else _text(cell) for cell in row]


def _text(cell: str | int | None) -> str:
    return "" if cell is None else csv_safe(str(cell))
