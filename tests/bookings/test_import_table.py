"""A table of people to book for: what is read of it, and what is refused by name (S47)."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.bookings.import_table import (
    LONGEST_WORDS,
    MOST_PEOPLE,
    ImportHeadingsError,
    ImportHeadingTwiceError,
    ImportRow,
    NobodyInTableError,
    RowFault,
    read_people,
)
from engage.kernel.errors import InvalidError
from engage.kernel.tables import NotATableError, TableEmptyError, TableTooLargeError

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


def only(table: str) -> ImportRow:
    [row] = read_people(table.encode())
    return row


def test_a_plain_table_is_read() -> None:
    table = "name,email,organisation,places\nNia Rees,Nia@Example.ORG,River Trust,2\n"
    assert only(table) == ImportRow(2, "Nia Rees", "nia@example.org", "River Trust", 2)


@pytest.mark.parametrize(
    "head",
    [
        "Name;E-mail;Company;Seats",
        "FULL NAME;Email Address;Organization;Places",
        "Your name;your e-mail;employer;tickets",
    ],
)
def test_headings_may_be_written_in_many_ways(head: str) -> None:
    assert only(f"{head}\nNia;nia@example.org;River Trust;3\n") == ImportRow(
        2, "Nia", "nia@example.org", "River Trust", 3
    )


def test_columns_stand_in_any_order_among_others_and_places_and_organisation_may_be_missing() -> None:
    assert only("Phone\tEmail\tName\n123\tnia@example.org\tNia\n") == ImportRow(2, "Nia", "nia@example.org", "", 1)


def test_first_and_last_name_are_put_together() -> None:
    assert only("First name,Surname,Email\nNia,Rees,nia@example.org\n").name == "Nia Rees"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_letters_are_read_as_they_were_saved(encoding: str) -> None:
    [row] = read_people("name;email\nÓscar Núñez – Ça;o@example.org\n".encode(encoding))
    assert row.name == "Óscar Núñez – Ça"


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (",nia@example.org,1", RowFault.NO_NAME),
        ("Nia,no address,1", RowFault.BAD_ADDRESS),
        ("Nia,,1", RowFault.BAD_ADDRESS),
        ("Nia,a@b.example; c@d.example,1", RowFault.BAD_ADDRESS),
        ("Nia,nia@example.org,0", RowFault.BAD_PLACES),
        ("Nia,nia@example.org,6", RowFault.BAD_PLACES),
        ("Nia,nia@example.org,two", RowFault.BAD_PLACES),
        ("Nia,nia@example.org,-1", RowFault.BAD_PLACES),
        ("Nia,nia@example.org,٣", RowFault.BAD_PLACES),
        ("Nia,nia@example.org,1e1", RowFault.BAD_PLACES),
        ("Nia,nia@example.org," + "9" * 400, RowFault.BAD_PLACES),
        ("x" * (LONGEST_WORDS + 1) + ",nia@example.org,1", RowFault.TOO_LONG),
        ("Nia,nia@example.org,", None),
        ("Nia,nia@example.org", None),
    ],
)
def test_a_row_that_cannot_be_used_says_why(cells: str, fault: RowFault | None) -> None:
    assert only(f"name,email,places\n{cells}\n").fault is fault


@pytest.mark.parametrize("status", ["cancelled", "waiting", "offered", "expired", "Declined"])
def test_of_an_exported_list_only_confirmed_bookings_are_taken(status: str) -> None:
    table = f"reference,name,email,status\nA,Nia,nia@example.org,{status}\nB,Ben,ben@example.org,confirmed\n"
    assert [row.fault for row in read_people(table.encode())] == [RowFault.NOT_CONFIRMED, None]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", TableEmptyError),
        (b"name,email\n", NobodyInTableError),
        (b"Nia,nia@example.org\n", ImportHeadingsError),
        (b"name\nNia\n", ImportHeadingsError),
        (b"email\nnia@example.org\n", ImportHeadingsError),
        (b"name,email,e-mail\nNia,a@b.example,c@d.example\n", ImportHeadingTwiceError),
        (b"PK\x03\x04rest of a workbook", NotATableError),
        (b"name,email\n" + b"Nia,nia@example.org\n" * (MOST_PEOPLE + 1), TableTooLargeError),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_a_sentence(data: bytes, refusal: type[InvalidError]) -> None:
    with pytest.raises(refusal) as caught:
        read_people(data)
    assert caught.value.field == "file"
    assert str(caught.value).endswith((".", "?"))


def test_the_largest_table_is_read() -> None:
    rows = "".join(f"Nia {number},nia{number}@example.org\n" for number in range(MOST_PEOPLE))
    assert len(read_people(f"name,email\n{rows}".encode())) == MOST_PEOPLE


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=6), st.sampled_from(["\t", ";", ","]))
def test_whoever_is_written_is_read_back(people: list[tuple[str, str]], delimiter: str) -> None:
    text = io.StringIO(newline="")
    table = [("name", "email", "organisation"), *((name, "a@example.org", org) for name, org in people)]
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(table)

    assert len(read_people(text.getvalue().encode())) == len(people)


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: b"name,email\n" + text.encode()))
def test_any_bytes_are_people_or_refused_by_name(data: bytes) -> None:
    with suppress(InvalidError):
        for row in read_people(data):
            assert row.fault is not None or (row.name and "@" in row.email and 1 <= row.places <= 5)
