"""Holding back, taking words out, restoring, and telling the author why."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.models import Message
from engage.responses.enums import (
    HoldReason,
    IdentityBasis,
    ModerationAction,
    Purpose,
    ReasonCode,
    ResponseKind,
    ResponseStatus,
    VersionKind,
)
from engage.responses.errors import (
    ChangedMeanwhileError,
    ConfidentialQuestionError,
    NothingTakenOutError,
    ReasonNeededError,
    RedactionAddsError,
    RedactionEmptyError,
    ResponseNotFoundError,
)
from engage.responses.models import ModerationDecision, Response, ResponseVersion
from engage.responses.moderation_queries import decisions_on, moderation_queue, queue_item, versions_of
from engage.responses.near_duplicates import likeness, near_duplicates
from engage.responses.piles import Pile
from engage.responses.queries import responses_to_question
from engage.responses.search.facets import Looked
from engage.responses.services import Sender
from engage.responses.services.moderating import Verdict, decide_and_tell
from tests.factories import make_person
from tests.responses.makers import (
    ANONYMOUS,
    EVERY_USE,
    answer,
    comment,
    event_about,
    open_consultation,
    responses_of,
)

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
WORDS = "My landlord Bob Smith of 3 High Street never answers. We need a register."
LEFT = "My landlord [a name] never answers. We need a register."
GWEN = Sender(IdentityBasis.GUEST, name="Gwen", email="gwen@example.org")
NAMES = ReasonCode.NAMES_SOMEBODY
LETTER = (
    "I write as a tenant of many years to ask that the licence fee is frozen until the town has seen the report that"
    " was promised in March. Small landlords are leaving, rents rise, and nobody is told what the fee pays for."
)


class Desk:
    """A moderator who decides on one response."""

    def __init__(self, site: Site, code: str) -> None:
        self.site = site
        self.mo = make_person("mo@example.org", "moderator")
        [self.response] = responses_of(code)

    def decide(self, action: ModerationAction, **other: Any) -> bool:
        verdict = Verdict(action, **other)
        return decide_and_tell(self.response.id, verdict, moderator=self.mo.id, site=self.site, at=real_clock.now())


def _mails() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.kind == MessageKind.DECISION)))


def test_a_redaction_is_shown_marked_and_the_original_is_kept(unit: Unit, site: Site) -> None:
    """Rule 3: the public reads what is left; what was written first is there for moderators."""
    with unit():
        consultation = open_consultation()
        desk = Desk(site, answer(consultation, site=site, answers={1: WORDS}))

        desk.decide(ModerationAction.REDACT, body=LEFT, reason=NAMES)

        assert (desk.response.status, desk.response.body) == (ResponseStatus.PUBLISHED, LEFT)
        assert desk.response.body_original == WORDS
        [said] = responses_to_question(consultation.questions[0].id).items
        assert (said.body, said.is_redacted) == (LEFT, True)
        assert queue_item(desk.response.id).is_redacted
        assert [version.body for version in versions_of(desk.response.id)] == [WORDS, LEFT]
        [version] = db.session.scalars(select(ResponseVersion))
        assert (version.kind, version.author_id, version.reason) == (VersionKind.REDACTION, desk.mo.id, NAMES.value)


def test_restoring_shows_the_authors_own_words_again_the_latest_of_them(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        desk = Desk(site, answer(consultation, site=site, answers={1: WORDS}))
        edited = WORDS.replace("Bob ", "")
        version = ResponseVersion(
            number=1, kind=VersionKind.EDIT, language="en", body=edited, made_on=desk.response.received_on
        )
        desk.response.versions.append(version)
        desk.response.body = edited
        db.session.flush()
        desk.decide(ModerationAction.REDACT, body=LEFT, reason=NAMES)

        desk.decide(ModerationAction.RESTORE)

        assert (desk.response.status, desk.response.body) == (ResponseStatus.PUBLISHED, edited)
        [said] = responses_to_question(consultation.questions[0].id).items
        assert not said.is_redacted


def test_what_was_refused_or_held_waits_again_once_it_is_restored(unit: Unit, site: Site) -> None:
    with unit():
        desk = Desk(site, answer(open_consultation(), site=site))
        for action in (ModerationAction.REFUSE, ModerationAction.HOLD):
            desk.decide(action, reason=ReasonCode.OTHER)
            assert desk.response.held_for is (HoldReason.MODERATOR if action is ModerationAction.HOLD else None)
            desk.decide(ModerationAction.RESTORE)
            assert (desk.response.status, desk.response.held_for) == (ResponseStatus.RECEIVED, None)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (WORDS, NothingTakenOutError),
        ("", RedactionEmptyError),
        ("[…]", RedactionEmptyError),
        (LEFT.replace("never", "always"), RedactionAddsError),
        ("We need a register. My landlord never answers.", RedactionAddsError),
        (WORDS + " Landlords are saints.", RedactionAddsError),
    ],
)
def test_a_redaction_takes_words_out_and_puts_none_in(
    unit: Unit, site: Site, body: str, error: type[Exception]
) -> None:
    with unit():
        desk = Desk(site, answer(open_consultation(), site=site, answers={1: WORDS}))
        with pytest.raises(error):
            desk.decide(ModerationAction.REDACT, body=body, reason=NAMES)
        assert (desk.response.body, desk.response.status) == (WORDS, ResponseStatus.RECEIVED)


def test_a_redaction_publishes_nothing_without_consent(unit: Unit, site: Site) -> None:
    """I12."""
    with unit():
        quoted = frozenset({Purpose.QUOTE_REPORT})
        desk = Desk(site, answer(open_consultation(), site=site, answers={1: WORDS}, consents=quoted))
        desk.decide(ModerationAction.REDACT, body=LEFT, reason=NAMES)
        assert (desk.response.body, desk.response.status) == (LEFT, ResponseStatus.RECEIVED)


def test_answers_to_a_confidential_question_are_never_published(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        desk = Desk(site, answer(consultation, site=site, answers={1: WORDS}))
        consultation.questions[0].is_confidential = True
        db.session.flush()
        with pytest.raises(ConfidentialQuestionError):
            desk.decide(ModerationAction.PUBLISH)
        desk.decide(ModerationAction.REDACT, body=LEFT, reason=NAMES)
        assert desk.response.status is ResponseStatus.RECEIVED


def test_words_that_changed_meanwhile_are_read_again_before_they_are_decided_on(unit: Unit, site: Site) -> None:
    """R11, S48: nobody publishes what they have not read."""
    with unit():
        desk = Desk(site, answer(open_consultation(), site=site, answers={1: WORDS}))
        desk.decide(ModerationAction.REDACT, body=LEFT, reason=NAMES, seen=0)
        with pytest.raises(ChangedMeanwhileError):
            desk.decide(ModerationAction.REFUSE, reason=NAMES, seen=0)
        desk.decide(ModerationAction.REFUSE, reason=NAMES, seen=1)
        assert desk.response.status is ResponseStatus.REFUSED


def test_the_author_is_told_why_by_mail_where_there_is_an_address(unit: Unit, site: Site) -> None:
    with unit():
        desk = Desk(site, answer(open_consultation(), site=site, sender=GWEN))
        with pytest.raises(ReasonNeededError):
            desk.decide(ModerationAction.REDACT, body="Ask.")

        assert desk.decide(ModerationAction.REFUSE, reason=ReasonCode.OFF_TOPIC, note="Try question 2.")
        assert not desk.decide(ModerationAction.REFUSE, reason=ReasonCode.OFF_TOPIC, note="Try question 2.")
        assert not desk.decide(ModerationAction.PUBLISH)

        [mail] = _mails()
        assert (mail.to_addr, mail.facts["reason"], mail.facts["note"]) == (GWEN.email, "off_topic", "Try question 2.")
        made = {each.action for each in decisions_on(desk.response.id)}
        assert made == {ModerationAction.REFUSE, ModerationAction.PUBLISH}


def test_nobody_is_written_to_about_anonymous_words(unit: Unit, site: Site) -> None:
    """P2."""
    with unit():
        desk = Desk(site, answer(open_consultation(), site=site, naming=ANONYMOUS))
        assert not desk.decide(ModerationAction.REFUSE, reason=ReasonCode.ABUSIVE)
        assert _mails() == []


def test_the_queue_holds_all_that_waits_and_is_filtered_by_kind(unit: Unit, site: Site) -> None:
    with unit():
        consultation = open_consultation()
        desk = Desk(site, answer(consultation, site=site, answers={1: "One."}))
        answer(consultation, site=site, answers={1: "Two."})
        answer(consultation, site=site, answers={1: "Not for anybody."}, consents=EVERY_USE - {Purpose.PUBLISH_SITE})
        comment(event_about(consultation), site=site, body="Three.")
        desk.decide(ModerationAction.HOLD)
        consultation_id = consultation.id

    with unit():

        def said(*asked: Any, **other: Any) -> set[str]:
            return {item.record.body for item in moderation_queue(*asked, **other).items}

        assert said() == {"One.", "Two.", "Three."}
        assert said(Pile.HELD) == {"One."}
        assert said(looked=Looked(kind=ResponseKind.COMMENT)) == {"Three."}
        assert said(Pile.UNPUBLISHABLE) == {"Not for anybody."}
        assert said(Pile.PUBLISHED) == said(Pile.FLAGGED) == set()
        with pytest.raises(ResponseNotFoundError):
            queue_item(consultation_id)


def test_letters_of_a_campaign_stand_beside_each_other_and_short_or_other_answers_do_not(
    unit: Unit, site: Site
) -> None:
    """Rule 9: both are there and both count."""
    personal = f"Dear all, my name is Gwen and I live in Tenby. {LETTER.replace('many', 'eleven')} Yours, Gwen"
    other = "Please " + " ".join(f"plant tree number {n} near the river" for n in range(9))
    with unit():
        consultation = open_consultation()
        codes = [
            answer(consultation, site=site, answers={1: words}) for words in (LETTER, personal, other, "Yes.", "Yes.")
        ]
        first, second, third, short, _ = (responses_of(code)[0].id for code in codes)
        elsewhere = answer(consultation, site=site, answers={2: LETTER})

        assert [each.id for each in near_duplicates(first)] == [second]
        assert [each.id for each in near_duplicates(second)] == [first]
        assert near_duplicates(third) == near_duplicates(short) == []
        assert near_duplicates(responses_of(elsewhere)[0].id) == []
        assert db.session.scalars(select(ModerationDecision)).all() == []
        assert {row.status for row in db.session.scalars(select(Response))} == {ResponseStatus.RECEIVED}


def test_likeness_takes_no_notice_of_order_case_and_punctuation() -> None:
    one, two = LETTER.split(". ")
    assert likeness(LETTER, f"{two.upper()}! {one}") > 0.95
    assert (
        likeness(LETTER, "The bus to the hospital has not run on Sundays since the depot closed, and nobody asks us.")
        < 0.3
    )
    assert likeness("", "") == 0
