"""Tables that people upload: every usual shape of CSV is read, everything else is refused by name (S24, S25, S47)."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.kernel.tables import (
    LARGEST,
    NotATableError,
    Row,
    TableEmptyError,
    TableEncodingError,
    TableError,
    TableQuoteError,
    TableTooLargeError,
    read_rows,
)

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16")


@given(
    rows=st.lists(st.lists(WORDS, min_size=3, max_size=5), min_size=1, max_size=8),
    delimiter=st.sampled_from(["\t", ";", ","]),
    encoding=st.sampled_from(ENCODINGS),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_is_read_back_whatever_its_delimiter_and_encoding(
    rows: list[list[str]], delimiter: str, encoding: str, line_end: str
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(rows)

    found = read_rows(text.getvalue().encode(encoding))

    assert [len(row.cells) for row in found] == [len(row) for row in rows]
    assert [row.line for row in found] == list(range(1, len(rows) + 1))


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_table_or_refused_by_name(data: bytes) -> None:
    with suppress(TableError):
        assert all(any(row.cells) for row in read_rows(data))


def test_a_name_with_a_comma_does_not_make_it_the_delimiter() -> None:
    assert read_rows(b"Smith, Jo\tjo@example.org\t52\r\n")[0].cells == ("Smith, Jo", "jo@example.org", "52")


def test_blank_lines_are_left_out_and_lines_are_counted_as_editors_do() -> None:
    rows = read_rows(b'name,email\n\n,,\n"two\nlines",a@example.org\nCleo,c@example.org\n')

    assert rows == [
        Row(1, ("name", "email")),
        Row(4, ("two lines", "a@example.org")),
        Row(6, ("Cleo", "c@example.org")),
    ]


def test_cells_are_clean_text() -> None:
    assert read_rows("a\u202eb , \u200bCle\u0301o\x07 \n".encode())[0].cells == ("ab", "Cléo")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", TableEmptyError),
        (b"\xef\xbb\xbf \r\n", TableEmptyError),
        (b"PK\x03\x04" + b"x" * 50, NotATableError),
        (b"%PDF-1.7", NotATableError),
        ("Zoë,a@example.org".encode("cp1252"), TableEncodingError),
        ("name,email".encode("utf-16-le"), TableEncodingError),
        (b"\xff\xfea", TableEncodingError),
        (b'name,email\n"Cleo,c@example.org\nDev,d@example.org\n', TableQuoteError),
        (b"x" * (LARGEST + 1), TableTooLargeError),
        (b"a,b\n" * 11, TableTooLargeError),
        (b"," * 300, TableTooLargeError),
        (b"x" * 3000 + b",y", TableTooLargeError),
        (b"x" * 200_000, TableTooLargeError),
    ],
)
def test_what_is_no_table_is_refused_by_name(data: bytes, refusal: type[TableError]) -> None:
    with pytest.raises(refusal) as caught:
        read_rows(data, most_rows=10)
    assert type(caught.value) is refusal


def test_an_open_quotation_mark_is_named_by_the_line_on_which_it_stands() -> None:
    with pytest.raises(TableQuoteError, match="on line 2 "):
        read_rows(b'name,email\n"Cleo,c@example.org\nDev,d@example.org\n')
