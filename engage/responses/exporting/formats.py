"""How a file is written: CSV, a workbook, JSON, or a line of JSON for each response. All of them stream."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from engage.kernel.i18n import N_
from engage.kernel.spreadsheets import CSV_TYPE, XLSX_TYPE, Cell, csv_pieces, xlsx_pieces
from engage.responses.exporting.rows import Row, Value

_PIECE = 64 * 1024


class FileFormat(StrEnum):
    """How a file is written; its value is the end of its name."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    JSON_LINES = "jsonl"


FORMATS = {
    FileFormat.CSV: N_("CSV, for most programs"),
    FileFormat.XLSX: N_("Workbook (XLSX), for Excel and LibreOffice"),
    FileFormat.JSON: N_("JSON, one document"),
    FileFormat.JSON_LINES: N_("JSON Lines, a line for each response"),
}
TYPES = {
    FileFormat.CSV: CSV_TYPE,
    FileFormat.XLSX: XLSX_TYPE,
    FileFormat.JSON: "application/json",
    FileFormat.JSON_LINES: "application/jsonl; charset=utf-8",
}


@dataclass(frozen=True)
class Table:
    """What is written: `about` heads a JSON document, `timezone` is that of a workbook's dates."""

    columns: tuple[str, ...]
    rows: Iterable[Row]
    about: Mapping[str, str]
    timezone: str


def written(file_format: FileFormat, table: Table) -> Iterator[bytes]:
    """Give the bytes of a file, piece by piece. In tables no cell is a formula (S9); JSON is exact."""
    return _WRITERS[file_format](table)


def _csv(table: Table) -> Iterator[bytes]:
    return csv_pieces(_cells(table))


def _xlsx(table: Table) -> Iterator[bytes]:
    return xlsx_pieces(_cells(table), timezone=table.timezone, sheet_name="Responses")


def _cells(table: Table) -> Iterator[Sequence[Cell]]:
    yield table.columns
    for row in table.rows:
        yield [_cell(value) for value in row]


def _cell(value: Value) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value


def _json(table: Table) -> Iterator[bytes]:
    def pieces() -> Iterator[str]:
        yield _dumped(table.about)[:-1] + ', "responses": ['
        for number, row in enumerate(table.rows):
            yield (",\n" if number else "\n") + _object(table.columns, row)
        yield "\n]}\n"

    return _gathered(pieces())


def _json_lines(table: Table) -> Iterator[bytes]:
    return _gathered(_object(table.columns, row) + "\n" for row in table.rows)


def _object(columns: Sequence[str], row: Sequence[Value]) -> str:
    return _dumped(dict(zip(columns, row, strict=True)))


def _dumped(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=date.isoformat)


def _gathered(texts: Iterable[str]) -> Iterator[bytes]:
    waiting: list[str] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= _PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting).encode()


_WRITERS: Mapping[FileFormat, Callable[[Table], Iterator[bytes]]] = {
    FileFormat.CSV: _csv,
    FileFormat.XLSX: _xlsx,
    FileFormat.JSON: _json,
    FileFormat.JSON_LINES: _json_lines,
}
