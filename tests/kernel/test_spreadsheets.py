"""Files for a spreadsheet: every cell is read back as it was, and none is run (S9)."""

import csv
import io
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from engage.kernel.spreadsheets import csv_file, xlsx_file
from engage.kernel.text import FORMULA_STARTS, INVISIBLE

NOON = datetime(2027, 7, 1, 12, 0, tzinfo=UTC)
DANGEROUS = st.sampled_from([*"=+-@\t\r\n＝＋－＠\0 ", "\u200b", "\u00a0"])
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20)
CELLS = st.builds("{}{}{}".format, DANGEROUS | st.just(""), DANGEROUS | st.just(""), PLAIN)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5)


def read_csv(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode(), newline=""), strict=True))


def is_run(cell: str) -> bool:
    """Tell whether some spreadsheet would take a cell for a formula."""
    return cell.lstrip(INVISIBLE + "\0").startswith(FORMULA_STARTS)


@given(ROWS)
def test_no_cell_of_a_csv_file_is_run_and_every_word_is_there(rows: list[list[str]]) -> None:
    read = read_csv(csv_file(rows))

    assert [cell for row in read for cell in row if is_run(cell)] == []
    assert [[cell.removeprefix("'") for cell in row] for row in read] == [
        [cell.replace("\0", "").removeprefix("'") for cell in row] for row in rows
    ]


@given(ROWS)
def test_no_cell_of_a_workbook_is_run_and_every_word_is_there(rows: list[list[str]]) -> None:
    sheet = load_workbook(io.BytesIO(xlsx_file(rows, timezone="UTC"))).active
    assert sheet is not None
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row, start=1):
            found = sheet.cell(number, column)
            assert found.data_type != "f"
            assert not is_run(found.value or "")
            kept = cell.replace("\0", "").replace("\r", "\n").removeprefix("'")
            assert (found.value or "").replace("_x000D_", "\n").removeprefix("'") == kept


def test_a_link_and_a_number_that_somebody_typed_stay_words() -> None:
    sheet = load_workbook(io.BytesIO(xlsx_file([["https://x.example", "00123", "1e5"]], timezone="UTC"))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["https://x.example", "00123", "1e5"]
    assert sheet["A1"].hyperlink is None


def test_a_moment_is_a_date_in_the_zone_of_the_event_and_an_instant_in_csv() -> None:
    rows = [("when", "places"), (NOON, 3)]
    sheet = load_workbook(io.BytesIO(xlsx_file(rows, timezone="Europe/London"))).active
    assert sheet is not None
    assert (sheet["A2"].value, sheet["B2"].value) == (NOON.replace(hour=13, tzinfo=None), 3)
    assert read_csv(csv_file(rows))[1] == ["2027-07-01T12:00:00+00:00", "3"]


def test_nothing_is_an_empty_cell() -> None:
    assert csv_file([("a", None, "")]) == b"a,,\r\n"
