"""Answers that are saved to come back to: kept, mailed, reminded of once, and gone when they are sent (P2, P16)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.consultations.models import Consultation
from engage.consultations.queries import get_any_consultation, late_token
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import new_submission_key
from engage.mail.models import Message
from engage.responses.errors import (
    AnonymousWithEmailError,
    AnswersClosedError,
    DraftNotFoundError,
    EmailUnusableError,
    StaleDraftError,
)
from engage.responses.models import AnswerDraft
from engage.responses.services.drafts import (
    change_draft,
    delete_draft,
    draft_version,
    end_draft,
    forget_old_drafts,
    get_draft,
    save_draft,
)
from tests.conftest import SentMail
from tests.responses.makers import ANONYMOUS, answer, every_value, open_consultation

Unit = Callable[[], AbstractContextManager[Session]]
TYPED: dict[str, Any] = {"answer-1": "Ask the tenants.", "attribution": "named", "display_name": "Gwen"}
GWEN = "gwen@example.org"


@pytest.fixture(autouse=True)
def consultation(unit: Unit, clock: time_machine.Traveller) -> None:
    """Something to answer for twenty days from now."""
    with unit():
        open_consultation()


def _consultation() -> Consultation:
    return get_any_consultation("levelling-up")


def save(unit: Unit, site: Site, *, email: str | None = None, key: str = "", late: str = "", **more: Any) -> str:
    with unit():
        at = real_clock.now()
        return save_draft(
            _consultation().id,
            fields={**TYPED, **more},
            email=email,
            key=key or new_submission_key(site.link_secrets, at),
            late=late,
            locale="en",
            site=site,
            at=at,
        )


def _text(sent: SentMail) -> str:
    body = sent.mail.get_body(("plain",)) if sent.mail else None
    return str(body.get_content()) if body else ""


def _count(unit: Unit) -> int:
    with unit():
        return db.session.scalar(select(func.count()).select_from(AnswerDraft)) or 0


def test_its_link_opens_what_was_typed_and_a_double_click_makes_one_draft(unit: Unit, site: Site) -> None:
    """R8."""
    key = new_submission_key(site.link_secrets, real_clock.now())
    first, second = save(unit, site, key=key), save(unit, site, key=key)

    assert (first == second, _count(unit)) == (True, 1)
    with unit():
        assert get_draft(first, site=site).answers == TYPED


@pytest.mark.parametrize("token", ["", "x", "A" * 48])
def test_no_other_link_opens_it(unit: Unit, site: Site, token: str) -> None:
    """S12."""
    save(unit, site)
    with unit(), pytest.raises(DraftNotFoundError):
        get_draft(token, site=site)


def test_a_new_nonce_ends_the_link(unit: Unit, site: Site) -> None:
    """S12: revocable, and of this row alone."""
    token = save(unit, site)
    with unit():
        get_draft(token, site=site).nonce = "0" * 32
    with unit(), pytest.raises(DraftNotFoundError):
        get_draft(token, site=site)


def _change(token: str, site: Site, *, email: str | None, **fields: str) -> None:
    """Save it again from a page that shows what is saved now."""
    version = draft_version(get_draft(token, site=site))
    change_draft(token, fields={**TYPED, **fields}, email=email, version=version, site=site, at=real_clock.now())


@pytest.mark.parametrize(
    ("email", "way", "error"),
    [(GWEN, "anonymous", AnonymousWithEmailError), ("a@b@c", "named", EmailUnusableError)],
)
def test_an_address_that_cannot_be_used_is_refused_and_nothing_is_kept(
    unit: Unit, site: Site, *, email: str, way: str, error: type[Exception]
) -> None:
    """P2: no address is kept beside words that are to be nobody's."""
    with pytest.raises(error):
        save(unit, site, email=email, attribution=way)
    assert _count(unit) == 0


def test_the_link_is_mailed_once_to_each_address_and_the_database_opens_nothing(
    unit: Unit, site: Site, outbox: Callable[[], list[SentMail]], worker: Callable[..., int]
) -> None:
    """S12, R14."""
    token = save(unit, site, email=GWEN)
    with unit():
        assert token not in repr(every_value())
        _change(token, site, email=GWEN)
    worker()

    [mail] = outbox()
    assert (mail.kind, mail.to) == ("draft_link", GWEN)
    assert f"/drafts/{token}/" in _text(mail)
    assert "Ask the tenants." not in _text(mail)


def test_a_mail_to_an_address_that_was_mistyped_is_not_sent_any_more(
    unit: Unit, site: Site, outbox: Callable[[], list[SentMail]], worker: Callable[..., int]
) -> None:
    token = save(unit, site, email="gewn@example.org")
    with unit():
        _change(token, site, email=GWEN)
    worker()

    assert [mail.to for mail in outbox() if mail.state == "sent"] == [GWEN]


def test_nothing_of_a_draft_is_left_with_an_anonymous_sitting(
    unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    """P2, P4: no row says who saved, when, or which draft it was."""
    token = save(unit, site, email=GWEN)
    with unit():
        draft = get_draft(token, site=site)
        secrets: set[object] = {draft.id, draft.id.hex, str(draft.id), draft.nonce, GWEN}
    clock.shift(timedelta(hours=5, minutes=7))
    with unit():
        at = real_clock.now()
        delete_draft(token, site=site, at=at)
        answer(_consultation(), site=site, naming=ANONYMOUS, answers={1: "Ask the tenants."}, at=at)
    with unit():
        rows = every_value()

    assert rows["answer_draft"] == []
    of_words = [*rows["submission"], *rows["response"], *rows["consent"]]
    assert not secrets & {value for row in of_words for value in row}
    assert GWEN not in repr(rows)
    acts = [row for row in rows["audit_entry"] if any("draft" in str(value) for value in row)]
    assert len(acts) == 2
    assert not any(isinstance(value, datetime) and value.time() != datetime.min.time() for row in acts for value in row)
    assert not secrets & {value for row in acts for value in row}


def test_after_the_closing_it_can_be_saved_only_by_the_late_link(
    unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=21))
    with pytest.raises(AnswersClosedError):
        save(unit, site)
    with unit():
        _consultation().late_until = real_clock.now() + timedelta(days=1)
    with unit():
        late = late_token(_consultation(), site)
    for wrong in ("", "A" * 48):
        with pytest.raises(AnswersClosedError):
            save(unit, site, late=wrong)
    save(unit, site, late=late)
    assert _count(unit) == 1
    clock.shift(timedelta(days=2))
    with pytest.raises(AnswersClosedError):
        save(unit, site, late=late)


def test_who_gave_an_address_is_reminded_once_before_the_closing(
    unit: Unit,
    site: Site,
    clock: time_machine.Traveller,
    outbox: Callable[[], list[SentMail]],
    worker: Callable[..., int],
) -> None:
    """R20: two days before, by whichever worker, once; also after the closing moved."""
    save(unit, site, email=GWEN)
    save(unit, site)
    gone = save(unit, site, email="gone@example.org")
    with unit():
        delete_draft(gone, site=site, at=real_clock.now())
        _consultation().closes_at += timedelta(days=5)
    clock.shift(timedelta(days=18, hours=1))
    worker()
    assert "draft_reminder" not in [mail.kind for mail in outbox()]

    clock.shift(timedelta(days=5))
    worker()
    clock.shift(timedelta(days=1))
    worker()
    reminders = [mail for mail in outbox() if mail.kind == "draft_reminder"]
    assert [mail.to for mail in reminders] == [GWEN]
    assert "It closes on Saturday 26 September 2026" in _text(reminders[0])


def test_what_nobody_sent_goes_thirty_days_after_the_closing_and_no_address_stays(
    unit: Unit, site: Site, clock: time_machine.Traveller, worker: Callable[..., int]
) -> None:
    """P16."""
    save(unit, site, email=GWEN)
    with unit():
        assert forget_old_drafts(at=real_clock.now() + timedelta(days=49)) == 0
        _consultation().late_until = real_clock.now() + timedelta(days=40)
    with unit():
        assert forget_old_drafts(at=real_clock.now() + timedelta(days=69)) == 0
    clock.shift(timedelta(days=71))
    worker()

    assert _count(unit) == 0
    with unit():
        addresses = set(db.session.scalars(select(Message.to_addr)))
        assert {address.partition("@")[2] for address in addresses} == {"erased.invalid"}


def test_a_draft_of_nobody_cannot_be_changed_or_deleted(unit: Unit, site: Site) -> None:
    token = save(unit, site)
    with unit():
        delete_draft(token, site=site, at=real_clock.now())
    with unit(), pytest.raises(DraftNotFoundError):
        _change(token, site, email=None)
    with unit(), pytest.raises(DraftNotFoundError):
        delete_draft(token, site=site, at=real_clock.now())


def test_a_draft_that_was_saved_in_another_place_is_neither_saved_over_nor_sent(unit: Unit, site: Site) -> None:
    """R11; the same click twice is no other place."""
    token, at = save(unit, site), real_clock.now()
    with unit():
        seen = draft_version(get_draft(token, site=site))
        _change(token, site, email=None, **{"answer-1": "Ask them twice."})
    with unit():
        change_draft(token, fields={**TYPED, "answer-1": "Ask them twice."}, email=None, version=seen, site=site, at=at)
    with unit(), pytest.raises(StaleDraftError):
        change_draft(token, fields=TYPED, email=None, version=seen, site=site, at=at)
    with unit(), pytest.raises(StaleDraftError):
        end_draft(token, version=seen, site=site, at=at)
    with unit():
        assert get_draft(token, site=site).answers["answer-1"] == "Ask them twice."
