"""Limits count across processes, know nobody's address, and let go when the window is over (S18, S31)."""

import sqlite3
from pathlib import Path

import pytest

from config import Settings
from engage.edge.limits import Limits, SqliteStorage, TooManyError
from tests.conftest import build_settings


def two_in_a_minute(folder: Path) -> Settings:
    return build_settings(
        "sqlite:///:memory:",
        folder,
        LIMITS="book=2/min per address; sign-in=1/min per account",
        LIMITS_URL=f"engage-sqlite:///{folder / 'limits.db'}",
    )


def test_the_third_act_is_one_too_many_also_for_another_process(tmp_path: Path) -> None:
    settings = two_in_a_minute(tmp_path)
    Limits(settings).count("book", address="192.0.2.1", account=None)
    another = Limits(settings)
    another.count("book", address="192.0.2.1", account=None)

    with pytest.raises(TooManyError) as refused:
        another.count("book", address="192.0.2.1", account=None)

    assert 1 <= refused.value.retry_after <= 60
    another.count("book", address="192.0.2.2", account=None)


def test_an_account_has_a_count_of_its_own(tmp_path: Path) -> None:
    limits = Limits(two_in_a_minute(tmp_path))
    limits.count("sign-in", address="192.0.2.1", account="asha@example.org")

    with pytest.raises(TooManyError):
        limits.count("sign-in", address="192.0.2.9", account="asha@example.org")
    limits.count("sign-in", address="192.0.2.1", account="dev@example.org")


@pytest.mark.parametrize(
    "spelling", ["ASHA@Example.org", " asha@example.org", "asha@ｅxample.org", "asha@example。org"]
)
def test_another_way_to_write_an_address_is_not_counted_anew(spelling: str, tmp_path: Path) -> None:
    """Wide letters of a domain reach the same mailbox, and there are thousands of ways to mix them."""
    limits = Limits(two_in_a_minute(tmp_path))
    limits.count("sign-in", address="192.0.2.1", account="asha@example.org")

    with pytest.raises(TooManyError):
        limits.count("sign-in", address="192.0.2.9", account=spelling)


def test_the_file_names_nobody(tmp_path: Path) -> None:
    Limits(two_in_a_minute(tmp_path)).count("book", address="192.0.2.1", account="asha@example.org")

    kept = b"".join(file.read_bytes() for file in tmp_path.glob("limits.db*"))

    assert b"book" in kept
    assert b"192.0.2.1" not in kept
    assert b"asha" not in kept


def test_a_long_wait_is_told_in_hours() -> None:
    assert "90 seconds" in str(TooManyError(retry_after=90))
    assert "23 hours" in str(TooManyError(retry_after=22 * 3600 + 1))


def test_a_window_that_is_over_counts_for_nothing(tmp_path: Path) -> None:
    storage = SqliteStorage(f"engage-sqlite://{tmp_path / 'limits.db'}")

    assert storage.incr("key", -1) == 1
    assert storage.get("key") == 0
    assert storage.incr("key", 60) == 1
    assert storage.incr("key", 60) == 2


def test_counters_of_two_rules_do_not_show_that_they_are_of_one_person(tmp_path: Path) -> None:
    """P2: who signed in a minute ago is not who commented anonymously, as far as the file knows."""
    settings = build_settings(
        "sqlite:///:memory:",
        tmp_path,
        LIMITS="comment=2/min per address; sign-in=9/min per address",
        LIMITS_URL=f"engage-sqlite:///{tmp_path / 'limits.db'}",
    )
    for rule in ("sign-in", "comment"):
        Limits(settings).count(rule, address="192.0.2.1", account=None)

    with sqlite3.connect(tmp_path / "limits.db") as connection:
        keys = [key for (key,) in connection.execute("SELECT key FROM hit")]

    counters = {part for key in keys for part in key.split("/") if len(part) == 24}
    assert len(keys) == len(counters) == 2


def test_everybody_whom_an_act_reaches_has_a_count_and_its_sender_acts_once(tmp_path: Path) -> None:
    settings = build_settings(
        "sqlite:///:memory:",
        tmp_path,
        LIMITS="book=2/min per address; book=1/day per account",
        LIMITS_URL=f"engage-sqlite:///{tmp_path / 'limits.db'}",
    )
    limits = Limits(settings)
    limits.count("book", address="192.0.2.1", account="cleo@example.org", also=["gwen@example.org"])
    limits.count("book", address="192.0.2.1", account="dev@example.org", also=["dev@example.org"])

    with pytest.raises(TooManyError):
        limits.count("book", address="192.0.2.9", account="mo@example.org", also=["gwen@example.org"])
