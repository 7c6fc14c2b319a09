"""Akismet is asked by the worker, about words that are to be published and whose author is known, and only holds."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.consultations.enums import ModerationMode
from engage.consultations.models import Consultation
from engage.jobs.runner import run_due_jobs
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.responses.consents import every_wording
from engage.responses.enums import (
    Attribution,
    HoldReason,
    IdentityBasis,
    ModerationAction,
    Purpose,
    ReasonCode,
    ResponseStatus,
    SpamEngine,
    SpamVerdict,
)
from engage.responses.models import Response, SpamCheck
from engage.responses.services import Naming, Owner, Sender, change_consents, edit
from engage.responses.services.moderating import Verdict, decide_and_tell
from engage.responses.spam.arrivals import Arrival
from engage.responses.spam.checking import FIELDS_KEPT, promise_recheck, wipe_old_fields
from tests.factories import make_person
from tests.responses.akismet_server import KEY, Akismet, serving
from tests.responses.makers import ANONYMOUS, EVERY_USE, NAMED, answer, open_consultation, responses_of

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
Work = Callable[..., None]
CAME = Arrival(seconds=60, address="203.0.113.9", agent="Firefox/140", referrer="https://example.org/page")
GWEN = Sender(IdentityBasis.GUEST, name="Gwen", arrival=CAME)
SPAMMER = Naming(Attribution.PSEUDONYM, "akismet-guaranteed-spam")
WAITS = (ResponseStatus.RECEIVED, None)
SHOWN = (ResponseStatus.PUBLISHED, None)
HELD = (ResponseStatus.HELD, HoldReason.SPAM)
FAILED = (ResponseStatus.HELD, HoldReason.SPAM_CHECK_FAILED)


@pytest.fixture
def akismet() -> Iterator[Akismet]:
    with serving() as server:
        yield server


@pytest.fixture
def holding(site: Site, akismet: Akismet) -> Site:
    """Give a site that asks it and holds what it says."""
    return replace(site, akismet_mode="hold", akismet_key=KEY, akismet_url=akismet.url)


def _asking(mode: ModerationMode = ModerationMode.POST) -> Consultation:
    consultation = open_consultation()
    consultation.moderation_mode = mode
    db.session.flush()
    return consultation


def _answer(unit: Unit, site: Site, consultation: Consultation | None = None, **other: Any) -> Any:
    with unit():
        code = answer(consultation or _asking(), site=site, **{"sender": GWEN, **other})
        return responses_of(code)[0].id


def _state(unit: Unit, response_id: Any) -> tuple[ResponseStatus, HoldReason | None]:
    with unit() as session:
        response = session.get_one(Response, response_id)
        return response.status, response.held_for


@pytest.fixture
def work(app: Flask) -> Work:
    """Give what does the jobs of a site that are due, some time later."""

    def do(site: Site, *, later: timedelta = timedelta()) -> None:
        with app.app_context():
            run_due_jobs(site, at=real_clock.now() + later)

    return do


def test_what_would_be_shown_waits_for_its_verdict(unit: Unit, work: Work, holding: Site, akismet: Akismet) -> None:
    good, bad = _answer(unit, holding), None
    with unit():
        consultation = open_consultation("other")
        consultation.moderation_mode = ModerationMode.POST
        bad = responses_of(answer(consultation, site=holding, sender=GWEN, naming=SPAMMER))[0].id
    assert _state(unit, good) == _state(unit, bad) == WAITS
    assert akismet.calls == []

    work(holding)

    assert (_state(unit, good), _state(unit, bad)) == (SHOWN, HELD)
    with unit() as session:
        checks = {check.response_id: check for check in session.scalars(select(SpamCheck))}
        assert (checks[bad].engine, checks[bad].is_blatant, checks[bad].guid) == (SpamEngine.AKISMET, True, "g-1")
    [asked] = [values for values in akismet.asked() if values["comment_author"] == "Gwen Price"]
    assert asked["user_ip"] == CAME.address
    assert (asked["user_agent"], asked["referrer"]) == (CAME.agent, CAME.referrer)
    assert (asked["comment_content"], asked["comment_type"]) == ("Ask the tenants.", "message")
    assert asked["is_test"] == "1"
    assert "comment_author_email" not in asked
    assert not {name.casefold() for name in akismet.headers[0]} & {"cookie", "authorization"}


@pytest.mark.parametrize("trouble", [500, 503, 302])
def test_on_an_error_it_is_held_and_never_published_nor_dropped(
    unit: Unit, work: Work, holding: Site, akismet: Akismet, trouble: int
) -> None:
    akismet.trouble = trouble
    response_id = _answer(unit, holding)
    work(holding)
    assert _state(unit, response_id) == FAILED

    akismet.trouble = None
    work(holding, later=timedelta(minutes=10))
    assert _state(unit, response_id) == SHOWN


def test_a_server_that_is_not_there_and_a_wrong_key_hold_as_well(
    unit: Unit, work: Work, holding: Site, akismet: Akismet
) -> None:
    nowhere, wrong = replace(holding, akismet_url="http://127.0.0.1:9"), replace(holding, akismet_key="wrong")
    response_id = _answer(unit, holding)
    work(nowhere)
    assert _state(unit, response_id) == FAILED
    work(wrong, later=timedelta(minutes=10))
    assert _state(unit, response_id) == FAILED
    with unit() as session:
        [check] = session.scalars(select(SpamCheck))
        assert (check.verdict, check.detail) == (SpamVerdict.ERROR, "We need a key, a blog and a user_ip.")
    work(holding, later=timedelta(hours=20))  # the key was wrong: nothing is asked again
    assert len(akismet.asked()) == 1


def test_in_the_shadow_it_only_notes(unit: Unit, work: Work, holding: Site, akismet: Akismet) -> None:
    site = replace(holding, akismet_mode="shadow")
    response_id = _answer(unit, site, naming=SPAMMER)
    assert _state(unit, response_id) == SHOWN
    work(site)
    assert _state(unit, response_id) == SHOWN
    with unit() as session:
        assert session.scalars(select(SpamCheck)).one().verdict is SpamVerdict.SPAM


def test_anonymous_confidential_and_unpublished_words_are_never_sent(
    unit: Unit, work: Work, site: Site, holding: Site, akismet: Akismet
) -> None:
    """P2, P14: and with Akismet off nothing is."""
    with unit():
        consultation = _asking()
        consultation.questions[1].is_confidential = True
        db.session.flush()
        answer(consultation, site=holding, sender=GWEN, naming=ANONYMOUS)
        answer(consultation, site=holding, sender=GWEN, answers={2: "In confidence."})
        answer(consultation, site=holding, sender=GWEN, consents=EVERY_USE - {Purpose.PUBLISH_SITE})
        answer(consultation, site=holding, sender=replace(GWEN, arrival=Arrival()))  # typed in by staff
        answer(consultation, site=site, sender=GWEN)
        assert db.session.scalars(select(SpamCheck)).all() == []
    work(holding)
    assert akismet.calls == []


def test_while_it_goes_on_looking_nothing_is_shown_and_it_is_asked_again(
    unit: Unit, work: Work, holding: Site, akismet: Akismet
) -> None:
    akismet.recheck_s = 120
    response_id = _answer(unit, holding)
    work(holding)
    assert _state(unit, response_id) == WAITS
    work(holding, later=timedelta(seconds=119))
    assert len(akismet.asked()) == 1
    work(holding, later=timedelta(seconds=121))
    assert _state(unit, response_id) == SHOWN
    assert akismet.asked()[1]["recheck_reason"] == "recheck"


def test_read_first_what_it_likes_still_waits_for_a_person(
    unit: Unit, work: Work, holding: Site, akismet: Akismet
) -> None:
    with unit():
        consultation = _asking(ModerationMode.PRE)
        good = responses_of(answer(consultation, site=holding, sender=GWEN))[0].id
        bad = responses_of(answer(consultation, site=holding, sender=GWEN, naming=SPAMMER))[0].id
    work(holding)
    assert (_state(unit, good), _state(unit, bad)) == (WAITS, HELD)


def test_moderators_have_the_last_word_and_akismet_is_told_with_the_same_fields(
    unit: Unit, work: Work, holding: Site, akismet: Akismet, clock: time_machine.Traveller
) -> None:
    with unit():
        mo = make_person("mo@example.org", "moderator").id
        consultation = _asking()
        good = responses_of(answer(consultation, site=holding, sender=GWEN))[0].id
        bad = responses_of(answer(consultation, site=holding, sender=GWEN, naming=SPAMMER))[0].id
    work(holding)
    with unit():
        for response_id, verdict in (
            (good, Verdict(ModerationAction.REFUSE, ReasonCode.SPAM)),
            (bad, Verdict(ModerationAction.PUBLISH)),
        ):
            decide_and_tell(response_id, verdict, moderator=mo, site=holding, at=real_clock.now())
    work(holding)

    asked = {values["comment_author"]: values for values in akismet.asked()}
    assert akismet.asked("submit-spam") == [asked["Gwen Price"]]
    assert akismet.asked("submit-ham") == [asked["akismet-guaranteed-spam"]]
    with unit() as session:
        how: dict[str, Any] = {"is_confidential": False, "site": holding, "at": real_clock.now()}
        promise_recheck(session.get_one(Response, bad), Arrival(), **how)
    work(holding)
    assert _state(unit, bad) == SHOWN  # spam again says Akismet; a person decided
    assert akismet.asked()[-1]["recheck_reason"] == "edit"


def _change(unit: Unit, site: Site, code: str, body: str) -> None:
    with unit() as session:
        [response] = responses_of(code)
        session.refresh(response)
        began = len(response.versions)
        how: dict[str, Any] = {"began": began, "arrival": CAME, "site": site, "at": real_clock.now()}
        assert edit(Owner(code=code), response.id, body=body, **how)


def test_an_edit_is_asked_about_again_and_holds_what_waits(
    unit: Unit, work: Work, holding: Site, akismet: Akismet
) -> None:
    with unit():
        code = answer(_asking(ModerationMode.PRE), site=holding, sender=GWEN)
        response_id = responses_of(code)[0].id
    work(holding)
    assert _state(unit, response_id) == WAITS
    _change(unit, holding, code, "akismet-guaranteed-spam")
    work(holding)

    first, second = akismet.asked()
    assert {**first, "comment_content": "akismet-guaranteed-spam", "recheck_reason": "edit"} == second
    assert _state(unit, response_id) == HELD


def test_an_edit_is_asked_about_by_itself_where_nothing_is_kept_of_the_first_time(
    unit: Unit, work: Work, holding: Site, akismet: Akismet
) -> None:
    with unit():
        code = answer(_asking(), site=holding, sender=replace(GWEN, arrival=Arrival()))
    _change(unit, holding, code, "Said in another way.")
    work(holding)

    [asked] = akismet.asked()
    assert (asked["comment_content"], asked["user_ip"]) == ("Said in another way.", CAME.address)
    assert asked["recheck_reason"] == "edit"


@pytest.mark.parametrize(
    ("naming", "consents"), [(ANONYMOUS, EVERY_USE), (NAMED, frozenset())], ids=["anonymous", "not for the site"]
)
def test_an_edit_is_not_sent_where_the_words_are_not(
    unit: Unit, work: Work, holding: Site, akismet: Akismet, naming: Naming, consents: frozenset[Purpose]
) -> None:
    """P2, P5."""
    with unit():
        code = answer(_asking(), site=holding, sender=GWEN, naming=naming, consents=consents)
    _change(unit, holding, code, "Said in another way.")
    work(holding)
    assert akismet.calls == []


def test_once_they_are_not_for_the_site_any_more_changed_words_are_not_sent(
    unit: Unit, work: Work, holding: Site, akismet: Akismet
) -> None:
    """P14: it was asked about the first ones, and is not about these."""
    with unit():
        code = answer(_asking(), site=holding, sender=GWEN)
    work(holding)
    with unit():
        how: dict[str, Any] = {"wordings": every_wording(), "language": "en", "at": real_clock.now()}
        change_consents(Owner(code=code), responses_of(code)[0].id, granted=frozenset(), **how)
    _change(unit, holding, code, "Said in another way.")
    work(holding)
    assert len(akismet.calls) == 1


def test_what_it_was_asked_with_is_forgotten_in_time(unit: Unit, work: Work, holding: Site, akismet: Akismet) -> None:
    """P16: the visitor's address is kept while feedback makes sense, and no longer."""
    _answer(unit, holding)
    with unit() as session:
        wipe_old_fields(at=real_clock.now() + FIELDS_KEPT)
        assert session.scalars(select(SpamCheck)).one().fields is not None
        wipe_old_fields(at=real_clock.now() + FIELDS_KEPT + timedelta(days=1))
        session.expire_all()
        assert session.scalars(select(SpamCheck)).one().fields is None
    work(holding)
    assert akismet.calls == []
