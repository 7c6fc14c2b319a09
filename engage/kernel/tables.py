"""Tables that people upload as CSV: bytes to rows of clean text, or a refusal by name (S24, S25, S47)."""

import csv
import io
from dataclasses import dataclass

from engage.kernel.errors import InvalidError
from engage.kernel.i18n import N_
from engage.kernel.text import clean

LARGEST = 1_000_000  # bytes
MOST_ROWS = 10_000
MOST_CELLS = 200
LONGEST_CELL = 2_000
DELIMITERS = ("\t", ";", ",")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
BINARY_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")


class TableError(InvalidError):
    """A file that cannot be read as a table."""

    message = N_("We could not read this file. Save your table as CSV and choose it again.")
    field = "file"


class TableEmptyError(TableError):
    """No file, or nothing in it."""

    message = N_("Choose a file. The one that came is empty.")


class TableTooLargeError(TableError):
    """More than anybody needs."""

    message = N_("This file is too large: at most {rows} rows, {cells} columns and {kilobytes} kB are read.")


class NotATableError(TableError):
    """A workbook or a document."""

    message = N_("This is a workbook or another kind of file. Open it, save it as CSV (UTF-8), and choose that file.")


class TableEncodingError(TableError):
    """Letters in an encoding that we would have to guess."""

    message = N_("We cannot tell which letters are in this file. Save it as CSV (UTF-8), and choose it again.")


class TableQuoteError(TableError):
    """A quotation mark that is not closed, or closed too soon: what follows would be swallowed."""

    message = N_(
        "A quotation mark on line {line} of the file does not fit its neighbours. Put that right and try again."
    )


@dataclass(frozen=True)
class Row:
    """One row: the line of the file on which it begins, counted from 1, and its cells, clean and without edges."""

    line: int
    cells: tuple[str, ...]

    def is_blank(self) -> bool:
        """Tell whether nothing is in it."""
        return not any(self.cells)


_Reading = list[tuple[int, list[str]]]


def read_rows(data: bytes, *, most_rows: int = MOST_ROWS, otherwise: str | None = None) -> list[Row]:
    """Return the rows of a CSV file that are not blank (RFC 4180, and what spreadsheets and meeting tools make of it).

    UTF-8 with or without its mark, or UTF-16 with one; a tab, semicolon or comma between cells, whichever makes the
    most of them. `otherwise` is the encoding of files that are neither: only where a person looks at the letters before
    they are kept. Raises TableEmptyError, TableTooLargeError, NotATableError, TableEncodingError, TableQuoteError.
    """
    if len(data) > LARGEST:
        raise _too_large(most_rows)
    text = _decoded(data, otherwise=otherwise)
    if not text.strip():
        raise TableEmptyError
    readings: list[_Reading] = []
    refusals: list[TableQuoteError] = []
    for delimiter in DELIMITERS:
        try:
            readings.append(_split(text, delimiter, most_rows=most_rows))
        except TableQuoteError as error:
            refusals.append(error)
    if not readings:
        raise refusals[0]
    best = max(readings, key=lambda reading: sum(len(cells) for _, cells in reading))
    if any(len(cell) > LONGEST_CELL for _, cells in best for cell in cells):
        raise _too_large(most_rows)
    rows = [Row(line, tuple(_clean_cell(cell) for cell in cells)) for line, cells in best]
    return [row for row in rows if not row.is_blank()]


def _decoded(data: bytes, *, otherwise: str | None) -> str:
    if data.startswith(BINARY_STARTS):
        raise NotATableError
    encoding = "utf-16" if data.startswith(UTF_16_MARKS) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if otherwise is None or encoding == "utf-16":
            raise TableEncodingError from error
        text = data.decode(otherwise, errors="replace")
    if "\0" in text:  # UTF-16 without its mark, or no text at all
        raise TableEncodingError
    return text


def _split(text: str, delimiter: str, *, most_rows: int) -> _Reading:
    """Return the rows by one delimiter. Raises TableQuoteError, TableTooLargeError."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    reading: _Reading = []
    begins = 1
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if any(cells):
                reading.append((line, cells))
            if len(cells) > MOST_CELLS or len(reading) > most_rows:
                raise _too_large(most_rows)
    except csv.Error as error:  # an open quotation mark, or a cell that is longer than any
        raise (TableQuoteError(line=begins) if '"' in text else _too_large(most_rows)) from error
    return reading


def _clean_cell(cell: str) -> str:
    plain = cell.isascii() and cell.isprintable() and "  " not in cell  # most are: nothing else to clean
    return cell.strip() if plain else clean(cell)


def _too_large(most_rows: int) -> TableTooLargeError:
    return TableTooLargeError(rows=most_rows, cells=MOST_CELLS, kilobytes=LARGEST // 1000)
