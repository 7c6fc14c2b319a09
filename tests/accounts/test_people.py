"""Making people, shutting them out, and their sessions."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.accounts.enums import RoleName
from engage.accounts.errors import BadEmailError, EmailTakenError, NoRoleError, PersonNotFoundError
from engage.accounts.models import Person, SessionRecord
from engage.accounts.queries import find_session, get_person
from engage.accounts.services import create_person, disable_person
from engage.accounts.sessions import (
    check_password,
    end_session,
    forget_old_sessions,
    note_failed_sign_in,
    start_session,
)
from engage.audit.models import AuditEntry
from tests.factories import PASSWORD, make_person

Unit = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


def acts(session: Session) -> list[str]:
    return sorted(session.scalars(select(AuditEntry.act)).all())


def test_create_person_normalises_the_address_and_notes_the_roles(unit: Unit) -> None:
    with unit() as session:
        person = create_person(
            " Asha@Example.ORG ",
            name=" Asha \n Okafor\x00",
            roles=[RoleName.ORGANISER, RoleName.MEMBER, RoleName.ORGANISER],
            password=PASSWORD,
            at=NOW,
        )
        assert (person.email, person.name) == ("asha@example.org", "Asha Okafor")
        assert person.role_names() == {RoleName.ORGANISER, RoleName.MEMBER}
        assert PASSWORD not in person.password_hash
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.act, entry.after) == ("accounts:person:created", {"roles": ["member", "organiser"]})


def test_create_person_refuses_an_address_that_is_taken_whatever_its_case(unit: Unit) -> None:
    with unit():
        make_person("asha@example.org")
    with unit() as session:
        with pytest.raises(EmailTakenError):
            make_person("ASHA@example.org")
        assert session.scalar(select(func.count()).select_from(Person)) == 1


@pytest.mark.parametrize("email", ["", "asha", "a@b", "a@b.example\r\nBcc: x@y.example", '"a b"@example.org'])
def test_create_person_refuses_what_is_no_address(unit: Unit, email: str) -> None:
    with unit(), pytest.raises(BadEmailError):
        create_person(email, name="", roles=[RoleName.MEMBER], password=PASSWORD, at=NOW)


def test_create_person_refuses_a_person_without_a_role(unit: Unit) -> None:
    with unit(), pytest.raises(NoRoleError):
        create_person("asha@example.org", name="Asha", roles=[], password=PASSWORD, at=NOW)


def test_check_password_knows_the_person_by_address_and_password_alone(unit: Unit) -> None:
    with unit():
        make_person("asha@example.org")
    with unit():
        found = check_password("Asha@Example.org", PASSWORD)
        assert found is not None
        assert found.email == "asha@example.org"
        assert check_password("asha@example.org", PASSWORD + "!") is None
        assert check_password("nobody@example.org", PASSWORD) is None
        assert check_password("no address", PASSWORD) is None


def test_check_password_refuses_a_disabled_person(unit: Unit) -> None:
    with unit():
        make_person("asha@example.org")
        disable_person("asha@example.org", at=NOW)
    with unit():
        assert check_password("asha@example.org", PASSWORD) is None


def test_a_session_ends_by_itself_after_seven_days(unit: Unit) -> None:
    with unit():
        record = start_session(make_person().id, at=NOW)
        last = NOW + timedelta(days=7) - timedelta(seconds=1)
        assert find_session(record.id, at=last) is record
        assert find_session(record.id, at=NOW + timedelta(days=7)) is None


def test_end_session_ends_this_one_and_no_other(unit: Unit) -> None:
    with unit():
        person = make_person()
        first, second = start_session(person.id, at=NOW), start_session(person.id, at=NOW)
        gone = first.id
        end_session(gone, at=NOW)
        end_session(gone, at=NOW)
        assert find_session(gone, at=NOW) is None
        assert find_session(second.id, at=NOW) is second


def test_disable_person_ends_every_session_and_a_second_time_changes_nothing(unit: Unit) -> None:
    with unit() as session:
        person = make_person("asha@example.org")
        ids = [start_session(person.id, at=NOW).id for _ in range(2)]
        assert disable_person("asha@example.org", at=NOW) == 2
        assert disable_person("asha@example.org", at=NOW + timedelta(days=1)) == 0
        assert [find_session(each, at=NOW) for each in ids] == [None, None]
        assert get_person("asha@example.org").disabled_at == NOW
        assert acts(session).count("accounts:person:disabled") == 1


def test_a_disabled_person_can_start_no_session(unit: Unit) -> None:
    with unit():
        person = make_person("asha@example.org")
        disable_person("asha@example.org", at=NOW)
        with pytest.raises(PersonNotFoundError):
            start_session(person.id, at=NOW)


def test_disable_person_says_when_nobody_has_the_address(unit: Unit) -> None:
    with unit(), pytest.raises(PersonNotFoundError):
        disable_person("nobody@example.org", at=NOW)


def test_start_session_clears_away_what_is_over(unit: Unit) -> None:
    with unit() as session:
        person = make_person()
        start_session(person.id, at=NOW - timedelta(days=8))
        start_session(person.id, at=NOW)
        assert session.scalar(select(func.count()).select_from(SessionRecord)) == 1
        assert forget_old_sessions(at=NOW + timedelta(days=8)) == 1


def test_note_failed_sign_in_keeps_no_address(unit: Unit) -> None:
    with unit() as session:
        person = make_person("asha@example.org")
        note_failed_sign_in("asha@example.org", at=NOW)
        note_failed_sign_in("nobody@example.org", at=NOW)
        refused = select(AuditEntry.object).where(AuditEntry.act == "accounts:session:refused")
        assert sorted(session.scalars(refused)) == sorted([f"person:{person.id}", "person:unknown"])
