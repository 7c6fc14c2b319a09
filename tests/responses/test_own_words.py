"""What people do with words of their own: change them, and say anew where they may go."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.consultations.models import Consultation
from engage.consultations.services import QuestionDetails, change_question
from engage.flows.invariants import INVARIANTS
from engage.kernel import clock as real_clock
from engage.kernel.clock import start_of_day
from engage.kernel.db import db
from engage.kernel.models import Job
from engage.kernel.settings import Site
from engage.media.enums import MediaKind, MediaState
from engage.media.models import MediaAsset
from engage.responses.consents import every_wording
from engage.responses.counts import count_for_question
from engage.responses.enums import (
    HoldReason,
    IdentityBasis,
    ModerationAction,
    Purpose,
    ReasonCode,
    ResponseStatus,
    SpamEngine,
    SpamVerdict,
)
from engage.responses.errors import (
    EditedMeanwhileError,
    EditingClosedError,
    GivenBackError,
    NothingWrittenError,
    ReceiptNotFoundError,
    ResponseNotFoundError,
    TooLongError,
    TooManyWordsError,
    UseNotAskedError,
)
from engage.responses.models import Consent, ResponseVersion, SpamCheck
from engage.responses.queries import responses_to_question
from engage.responses.records import State, get_receipt
from engage.responses.services import Owner, Sender, change_consents, decide, edit, withdraw
from engage.responses.spam.arrivals import Arrival
from tests.factories import make_person
from tests.responses.makers import (
    ANONYMOUS,
    EVERY_USE,
    answer,
    comment,
    event_about,
    open_consultation,
    publish_all,
    responses_of,
)

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
ARRIVED = Arrival(seconds=60)
ALL_ASKED = frozenset({Purpose.PUBLISH_SITE, Purpose.QUOTE_REPORT, Purpose.SHARE_GOVERNMENT, Purpose.SOCIAL_MEDIA})


def _allow(code: str, uses: frozenset[Purpose], **other: Any) -> frozenset[Purpose]:
    [response] = responses_of(code)
    given: dict[str, Any] = {"wordings": every_wording(), "language": "en", "at": real_clock.now(), **other}
    return change_consents(Owner(code=code), response.id, granted=uses, **given)


def _edit(site: Site, code: str, body: str, *, began: int | None = 0, arrival: Arrival = ARRIVED) -> bool:
    [response] = responses_of(code)
    at = real_clock.now()
    return edit(Owner(code=code), response.id, body=body, began=began, arrival=arrival, site=site, at=at)


def _violations() -> list[str]:
    return [line for check in INVARIANTS.values() for line in check()]


def _published(consultation: Consultation, site: Site, **other: Any) -> str:
    code = answer(consultation, site=site, **other)
    publish_all(code, moderator=make_person("mo@example.org", "moderator"))
    return code


def test_words_no_longer_allowed_on_the_site_are_off_it_at_once_and_come_back_by_a_moderator_alone(
    unit: Unit, site: Site
) -> None:
    """P13, I12."""
    with unit():
        consultation = open_consultation()
        question_id = consultation.questions[0].id
        code = _published(consultation, site)
        assert [said.body for said in responses_to_question(question_id).items] == ["Ask the tenants."]

        assert _allow(code, ALL_ASKED - {Purpose.PUBLISH_SITE}) == {Purpose.PUBLISH_SITE}

        assert responses_to_question(question_id).items == []
        counted = count_for_question(question_id)
        assert (counted.responses, counted.unpublishable) == (0, 1)
        assert _violations() == []
        _allow(code, ALL_ASKED)
        assert [record.state for record in get_receipt(code).responses] == [State.HELD]
        assert responses_to_question(question_id).items == []


def test_what_waits_and_is_not_for_publication_any_more_waits_for_nobody(unit: Unit, site: Site) -> None:
    with unit():
        code = answer(open_consultation(), site=site)
        _allow(code, frozenset())

        assert [record.state for record in get_receipt(code).responses] == [State.UNPUBLISHABLE]


def test_a_hold_is_not_got_round_by_saying_no_and_then_yes(unit: Unit, site: Site) -> None:
    """S48."""
    with unit():
        code = _published(open_consultation(), site)
        [response] = responses_of(code)
        response.status, response.held_for = ResponseStatus.HELD, HoldReason.FLAGGED
        db.session.flush()

        for uses in (frozenset[Purpose](), ALL_ASKED):
            _allow(code, uses)
            assert (response.status, response.held_for) == (ResponseStatus.HELD, HoldReason.FLAGGED)


def test_each_use_is_changed_by_itself_and_every_row_stays_with_its_wording(unit: Unit, site: Site) -> None:
    """P12, rule 4."""
    with unit():
        code = answer(open_consultation(), site=site, consents=frozenset({Purpose.QUOTE_REPORT}))
        wordings = {**every_wording(), Purpose.SOCIAL_MEDIA: "Anywhere that people meet"}

        changed = _allow(code, frozenset({Purpose.SOCIAL_MEDIA}), wordings=wordings, language="cy")

        assert changed == {Purpose.SOCIAL_MEDIA, Purpose.QUOTE_REPORT}
        rows = db.session.scalars(select(Consent)).all()
        assert len(rows) == 6  # four that were asked at first, two that are new
        holding = {row.purpose: row for row in rows if row.withdrawn_at is None}
        assert {use: row.granted for use, row in holding.items()} == {
            use: use is Purpose.SOCIAL_MEDIA for use in ALL_ASKED
        }
        new = holding[Purpose.SOCIAL_MEDIA]
        assert (new.wording_shown, new.language) == ("Anywhere that people meet", "cy")
        assert _allow(code, frozenset({Purpose.SOCIAL_MEDIA})) == frozenset()
        assert len(db.session.scalars(select(Consent)).all()) == 6


def test_of_a_confidential_answer_no_use_is_asked(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        consultation.questions[0].is_confidential = True
        code = answer(consultation, site=site, consents=frozenset())

        with pytest.raises(UseNotAskedError):
            _allow(code, frozenset({Purpose.PUBLISH_SITE}))
        assert [record.asked for record in get_receipt(code).responses] == [()]


@pytest.mark.parametrize(
    ("kind", "asked"),
    [(MediaKind.AUDIO, {Purpose.MEDIA_VOICE}), (MediaKind.VIDEO, {Purpose.MEDIA_VOICE, Purpose.MEDIA_FACE})],
)
def test_voice_and_face_are_asked_about_where_they_were_recorded(
    unit: Unit, site: Site, kind: MediaKind, asked: set[Purpose]
) -> None:
    """Rule 6."""
    with unit():
        code = answer(open_consultation(), site=site)
        [response] = responses_of(code)
        response.media = MediaAsset(kind=kind, state=MediaState.REFUSED, size=9, received_on=real_clock.now().date())
        db.session.flush()
        uses = ALL_ASKED | asked

        assert _allow(code, uses) == asked
        assert {use for use in Purpose if response.allows(use)} == uses


def test_a_change_is_another_version_and_what_was_published_is_read_again_first(unit: Unit, site: Site) -> None:
    """S48, rule 3."""
    with unit():
        consultation = open_consultation()
        code = _published(consultation, site)

        assert _edit(site, code, "  Ask the landlords too. ")

        [response] = responses_of(code)
        assert (response.body_original, response.body) == ("Ask the tenants.", "Ask the landlords too.")
        assert (response.status, response.held_for) == (ResponseStatus.HELD, HoldReason.EDITED)
        assert responses_to_question(consultation.questions[0].id).items == []
        [version] = db.session.scalars(select(ResponseVersion)).all()
        assert (version.number, version.kind.value, version.author_id) == (1, "edit", None)
        assert db.session.scalars(select(AuditEntry).where(AuditEntry.act == "web:response:edit")).one()


def test_what_waits_goes_on_waiting_and_what_was_refused_is_read_again(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        waiting, refused = (answer(consultation, site=site) for _ in range(2))
        moderator = make_person("mo@example.org", "moderator")
        decide(
            responses_of(refused)[0].id,
            action=ModerationAction.REFUSE,
            reason_code=ReasonCode.ABUSIVE,
            moderator=moderator.id,
            at=real_clock.now(),
        )
        for code in (waiting, refused):
            _edit(site, code, "Said in another way.")

        assert [responses_of(code)[0].status.value for code in (waiting, refused)] == ["received", "held"]


def test_a_change_that_began_from_older_words_is_refused_and_the_same_one_again_changes_nothing(
    unit: Unit, site: Site
) -> None:
    """R11, R8."""
    with unit():
        code = answer(open_consultation(), site=site)
        _edit(site, code, "Second.")

        for began in (0, None, 7):
            with pytest.raises(EditedMeanwhileError):
                _edit(site, code, "Third.", began=began)
        assert _edit(site, code, "Second.", began=0) is False
        assert _edit(site, code, "Third.", began=1)
        assert [v.number for v in responses_of(code)[0].versions] == [1, 2]


def test_words_cannot_be_changed_into_none_nor_into_too_many(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        code = answer(consultation, site=site)

        with pytest.raises(NothingWrittenError):
            _edit(site, code, " \u202e ")
        with pytest.raises(TooLongError):
            _edit(site, code, "x" * 5001)
        consultation.questions[0].max_words = 3
        with pytest.raises(TooManyWordsError):
            _edit(site, code, "One two three four.")
        assert db.session.scalars(select(ResponseVersion)).all() == []


def test_what_came_in_time_cannot_become_a_late_answer(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        event = event_about(consultation)
        said, heard = answer(consultation, site=site), comment(event, site=site)
        at = real_clock.now()
        consultation.closes_at = at
        event.comments_open_for_days = 1
        event.ends_at = at - timedelta(days=1)
        db.session.flush()

        for code in (said, heard):
            with pytest.raises(EditingClosedError):
                _edit(site, code, "Another.")
        consultation.late_until = at + timedelta(seconds=1)
        assert _edit(site, said, "Another.")


def test_nobody_changes_the_words_of_others(unit: Unit, site: Site) -> None:
    """S21."""
    with unit():
        consultation = open_consultation()
        dev, mo = make_person(), make_person("mo@example.org")
        sender = Sender(IdentityBasis.MEMBER, dev.id, dev.name, dev.email)
        [mine] = responses_of(answer(consultation, site=site, sender=sender))
        other = answer(consultation, site=site, answers={2: "Other."})
        given: dict[str, Any] = {"body": "Mine now.", "began": 0, "at": real_clock.now()}
        given |= {"arrival": ARRIVED, "site": site}

        with pytest.raises(ResponseNotFoundError):
            edit(Owner(person_id=mo.id), mine.id, **given)
        with pytest.raises(ResponseNotFoundError):
            edit(Owner(code=other), mine.id, **given)
        with pytest.raises(ReceiptNotFoundError):
            edit(Owner(code="forged"), mine.id, **given)
        assert edit(Owner(person_id=dev.id), mine.id, **given)


def test_an_anonymous_person_changes_both_by_the_code_and_leaves_the_day_alone(unit: Unit, site: Site) -> None:
    """P2, P4, S36."""
    with unit():
        consultation = open_consultation()
        code = answer(consultation, site=site, naming=ANONYMOUS)
        at = real_clock.now()

        _edit(site, code, "Said anew.")
        _allow(code, frozenset({Purpose.QUOTE_REPORT}))

        midnight = start_of_day(at)
        assert midnight != at
        moments = {c.given_at for c in db.session.scalars(select(Consent))}
        moments |= {c.withdrawn_at for c in db.session.scalars(select(Consent)) if c.withdrawn_at}
        assert moments == {midnight}
        assert [v.made_on for v in db.session.scalars(select(ResponseVersion))] == [midnight.date()]
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.act.startswith("web:response:"))).all()
        told = {(e.act, e.object, e.at, e.actor, e.after, e.request_id) for e in entries}
        about = f"consultation:{consultation.id}"
        assert told == {(f"web:response:{act}", about, midnight, None, None, None) for act in ("edit", "consent")}


def test_what_was_taken_back_cannot_be_changed_and_nothing_of_it_is_kept_for_others(unit: Unit, site: Site) -> None:
    """Rule 7."""
    with unit():
        code = _published(open_consultation(), site)
        [response] = responses_of(code)
        db.session.add(
            SpamCheck(
                response_id=response.id,
                engine=SpamEngine.AKISMET,
                verdict=SpamVerdict.HAM,
                fields={"comment_content": "Ask the tenants."},
                checked_on=real_clock.now().date(),
            )
        )
        db.session.flush()
        withdraw(code, at=real_clock.now())
        db.session.expire_all()

        assert db.session.scalars(select(SpamCheck)).one().fields is None
        with pytest.raises(GivenBackError):
            _edit(site, code, "After all.")
        with pytest.raises(GivenBackError):
            _allow(code, EVERY_USE)


def test_a_receipt_says_the_question_as_it_was_answered(unit: Unit, site: Site) -> None:
    """Rule 3: what the question says today is not what somebody answered."""
    with unit():
        consultation = open_consultation()
        code = answer(consultation, site=site)
        question = consultation.questions[0]
        [before] = get_receipt(code).responses
        details = QuestionDetails(text="What about the matter, then?")
        change_question(
            question.id,
            details,
            consultation_id=consultation.id,
            version=question.version,
            at=real_clock.now(),
            actor=None,
        )
        [record] = get_receipt(code).responses

        assert (before.asked_otherwise, record.asked_otherwise) == (False, True)
        assert record.question is not None
        assert record.question.text == "What about matter 1?"


def test_a_recording_goes_with_the_words(unit: Unit, site: Site) -> None:
    """Rule 7, R30."""
    with unit():
        code = answer(open_consultation(), site=site)
        [response] = responses_of(code)
        received_on = real_clock.now().date()
        response.media = MediaAsset(kind=MediaKind.AUDIO, storage_key="k", size=9, received_on=received_on)
        db.session.flush()

        withdraw(code, at=real_clock.now())

        asset = db.session.scalars(select(MediaAsset)).one()
        assert (asset.state, asset.storage_key) == (MediaState.GONE, None)
        assert [job.arguments for job in db.session.scalars(select(Job))] == [{"keys": ["k"]}]
