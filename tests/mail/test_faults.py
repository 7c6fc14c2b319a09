"""An address that refuses mail for good is written to no more, one that is only full or slow has three tries (5.4)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from sqlalchemy.orm import Session

from engage.mail.faults import faults_of, forget_fault, is_bad, note_permanent, note_temporary
from tests.conftest import TEST_BEGINS as NOW

Unit = Callable[[], AbstractContextManager[Session]]
CLEO = "cleo@example.org"
DAY = timedelta(days=1)
NO_SUCH_USER = "550 5.1.1 no such user"


def test_an_address_that_is_refused_for_good_is_bad_at_once(unit: Unit) -> None:
    with unit():
        note_permanent(CLEO, NO_SUCH_USER, NOW)

    with unit():
        fault = faults_of([CLEO, "dev@example.org"])[CLEO]
        assert is_bad(CLEO)
        assert (fault.bad_since, fault.last_reason) == (NOW, NO_SUCH_USER)


def test_only_the_address_itself_is_bad_so_a_corrected_one_gets_mail(unit: Unit) -> None:
    with unit():
        note_permanent(CLEO, NO_SUCH_USER, NOW)

    with unit():
        assert not is_bad("cleo@example.net")
        assert set(faults_of([CLEO, "cleo@example.net"])) == {CLEO}


def test_the_third_temporary_fault_within_seven_days_makes_an_address_bad(unit: Unit) -> None:
    seen = []
    for days in (0, 3, 6):
        with unit():
            note_temporary(CLEO, "452 4.2.2 mailbox full", NOW + days * DAY)
        with unit():
            seen.append((is_bad(CLEO), faults_of([CLEO])[CLEO].faults))

    assert seen == [(False, 1), (False, 2), (True, 3)]


def test_temporary_faults_that_are_seven_days_apart_never_make_an_address_bad(unit: Unit) -> None:
    for days in (0, 4, 7, 11, 14, 18):
        with unit():
            note_temporary(CLEO, "452 4.2.2 mailbox full", NOW + days * DAY)
        with unit():
            assert not is_bad(CLEO)


def test_an_address_that_became_bad_stays_bad_since_then(unit: Unit) -> None:
    with unit():
        note_permanent(CLEO, NO_SUCH_USER, NOW)
    with unit():
        note_temporary(CLEO, "452 4.2.2 mailbox full", NOW + 30 * DAY)
        note_permanent(CLEO, "550 5.1.1 still no such user", NOW + 31 * DAY)

    with unit():
        fault = faults_of([CLEO])[CLEO]
        assert (fault.bad_since, fault.last_fault_at) == (NOW, NOW + 31 * DAY)
        assert fault.last_reason == "550 5.1.1 still no such user"


def test_a_confirmed_address_begins_anew(unit: Unit) -> None:
    with unit():
        note_permanent(CLEO, NO_SUCH_USER, NOW)
    with unit():
        assert forget_fault(CLEO)
        assert not forget_fault(CLEO)

    with unit():
        note_temporary(CLEO, "452 4.2.2 mailbox full", NOW + DAY)
        assert not is_bad(CLEO)


def test_the_other_servers_words_are_kept_clean_and_short(unit: Unit) -> None:
    with unit():
        note_permanent(CLEO, "550 no\r\nsuch\x00 user " + "x" * 900, NOW)

    with unit():
        reason = faults_of([CLEO])[CLEO].last_reason
        assert reason.startswith("550 no such user xxx")
        assert len(reason) == 500


def test_many_addresses_are_asked_after_at_once(unit: Unit) -> None:
    with unit():
        note_permanent(CLEO, NO_SUCH_USER, NOW)

    with unit():
        assert set(faults_of([f"p{n}@example.org" for n in range(1200)] + [CLEO])) == {CLEO}
