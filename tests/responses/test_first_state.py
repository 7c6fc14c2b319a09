"""What is shown at once, what waits, and what a rule holds back."""

import io
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.consultations.enums import ModerationMode
from engage.consultations.hold_rules import HoldRules
from engage.consultations.models import Consultation
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.media.storage import storage_at
from engage.responses.enums import (
    Attribution,
    HoldReason,
    IdentityBasis,
    ModerationAction,
    Purpose,
    ReasonCode,
    ResponseStatus,
)
from engage.responses.queries import responses_to_question
from engage.responses.services import Answer, Naming, Sender, decide
from engage.responses.services.first_state import publish_anonymous_of_days_before
from tests.factories import make_person
from tests.responses.makers import (
    ANONYMOUS,
    GUEST,
    NAMED,
    answer,
    comment,
    event_about,
    open_consultation,
    responses_of,
)

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
SHOWN = (ResponseStatus.PUBLISHED, None)
WAITS = (ResponseStatus.RECEIVED, None)


def _asking(mode: ModerationMode, rules: HoldRules | None = None) -> Consultation:
    consultation = open_consultation()
    consultation.moderation_mode = mode
    consultation.hold_rules = rules.stored() if rules else None
    db.session.flush()
    return consultation


def _state(code: str) -> tuple[ResponseStatus, HoldReason | None]:
    [response] = responses_of(code)
    return response.status, response.held_for


def test_read_before_nothing_is_shown_by_itself(unit: Unit, site: Site) -> None:
    with unit():
        assert _state(answer(_asking(ModerationMode.PRE), site=site)) == WAITS


def test_read_after_it_is_shown_at_once_and_noted_as_a_rules_doing(unit: Unit, site: Site) -> None:
    """S36, I13."""
    with unit():
        consultation = _asking(ModerationMode.POST)
        code = answer(consultation, site=site)

        assert _state(code) == SHOWN
        assert [said.body for said in responses_to_question(consultation.questions[0].id).items] == ["Ask the tenants."]
        [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "rule:response:publish"))
        assert (entry.object, entry.actor) == (f"response:{responses_of(code)[0].id}", None)


@pytest.mark.parametrize("mode", ModerationMode)
def test_no_mode_shows_what_its_author_did_not_agree_to_or_what_is_confidential(
    unit: Unit, site: Site, mode: ModerationMode
) -> None:
    """I12, P14."""
    with unit():
        consultation = _asking(mode)
        consultation.questions[1].is_confidential = True
        db.session.flush()

        assert _state(answer(consultation, site=site, consents=frozenset({Purpose.QUOTE_REPORT}))) == WAITS
        assert _state(answer(consultation, site=site, answers={2: "My rent is in arrears."})) == WAITS


@pytest.mark.parametrize("mode", [ModerationMode.POST, ModerationMode.HOLD])
def test_what_is_anonymous_is_shown_on_the_day_after_so_that_no_page_tells_its_minute(
    unit: Unit, site: Site, mode: ModerationMode
) -> None:
    """P4: also what is noted of it names the collection and the day alone."""
    with unit():
        consultation = _asking(mode)
        code = answer(consultation, site=site, naming=ANONYMOUS)
        kept = answer(_asking_as("other", ModerationMode.PRE), site=site, naming=ANONYMOUS)
        event = event_about()
        event.moderation_mode = mode
        db.session.flush()
        said = comment(event, site=site, naming=ANONYMOUS)
        now = real_clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)

        assert _state(code) == _state(said) == WAITS
        assert publish_anonymous_of_days_before(at=midnight + timedelta(hours=23, minutes=59)) == 0
        assert publish_anonymous_of_days_before(at=midnight + timedelta(days=1)) == 2
        assert publish_anonymous_of_days_before(at=midnight + timedelta(days=1)) == 0

        assert (_state(code), _state(said), _state(kept)) == (SHOWN, SHOWN, WAITS)
        entries = list(db.session.scalars(select(AuditEntry).where(AuditEntry.act == "rule:response:publish")))
        assert {entry.object for entry in entries} == {f"consultation:{consultation.id}", f"event:{event.id}"}
        assert {(entry.at, entry.actor) for entry in entries} == {(midnight + timedelta(days=1), None)}


@pytest.mark.parametrize("mode", [ModerationMode.POST, ModerationMode.HOLD])
@pytest.mark.parametrize("naming", [NAMED, ANONYMOUS])
@pytest.mark.parametrize("words", ["As I say.", ""])
def test_a_recording_is_heard_before_it_is_shown_in_every_mode(
    unit: Unit, site: Site, *, mode: ModerationMode, naming: Naming, words: str
) -> None:
    """S48: no rule can listen; and one that turns out to be of no use would leave an empty place."""
    with unit():
        now = real_clock.now()
        kept = storage_at(site.media_url).keep(io.BytesIO(b"as it was sent"), at=now)
        code = answer(_asking(mode), site=site, answers={1: Answer(words, recording=kept)}, naming=naming)

        assert _state(code) == WAITS
        assert publish_anonymous_of_days_before(at=now + timedelta(days=2)) == 0
        assert _state(code) == WAITS


def test_what_a_moderator_put_back_to_wait_is_published_by_no_rule(unit: Unit, site: Site) -> None:
    with unit():
        mo = make_person("mo@example.org", "moderator").id
        code = answer(_asking(ModerationMode.POST), site=site, naming=ANONYMOUS)
        [response] = responses_of(code)
        now = real_clock.now()
        for action, reason in ((ModerationAction.REFUSE, ReasonCode.OFF_TOPIC), (ModerationAction.RESTORE, None)):
            decide(response.id, action=action, reason_code=reason, moderator=mo, at=now)

        assert _state(code) == WAITS
        assert publish_anonymous_of_days_before(at=now + timedelta(days=2)) == 0
        assert _state(code) == WAITS


def _asking_as(slug: str, mode: ModerationMode) -> Consultation:
    consultation = open_consultation(slug)
    consultation.moderation_mode = mode
    db.session.flush()
    return consultation


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("Look at https://cheap.example/pills", (ResponseStatus.HELD, HoldReason.LINKS)),
        ("See WWW.cheap.example for more", (ResponseStatus.HELD, HoldReason.LINKS)),
        ("bit.ly/abc says it", (ResponseStatus.HELD, HoldReason.LINKS)),
        ("The minister is a complete CROOK.", (ResponseStatus.HELD, HoldReason.WORDS)),
        ("An easy\nway to win money", (ResponseStatus.HELD, HoldReason.WORDS)),
        ("Crooked lanes, 3.5 miles, and/or buses. e.g. ours", SHOWN),
    ],
)
def test_rules_hold_links_and_words_and_nothing_else(
    unit: Unit, site: Site, words: str, state: tuple[ResponseStatus, HoldReason | None]
) -> None:
    rules = HoldRules(links=True, words=("crook", "easy way"))
    with unit():
        assert _state(answer(_asking(ModerationMode.HOLD, rules), site=site, answers={1: words})) == state


def test_the_name_to_show_is_looked_at_as_well(unit: Unit, site: Site) -> None:
    with unit():
        consultation = _asking(ModerationMode.HOLD, HoldRules(links=True))
        name = Naming(Attribution.PSEUDONYM, "www.cheap.example")
        assert _state(answer(consultation, site=site, naming=name)) == (ResponseStatus.HELD, HoldReason.LINKS)


def test_the_first_post_of_a_member_is_held_and_the_next_shown(unit: Unit, site: Site) -> None:
    with unit():
        consultation = _asking(ModerationMode.HOLD, HoldRules(first=True))
        dev = make_person("dev@example.org")
        sender = Sender(IdentityBasis.MEMBER, person_id=dev.id, name="Dev", email=dev.email)
        held = (ResponseStatus.HELD, HoldReason.FIRST)

        first = answer(consultation, site=site, sender=sender)
        assert _state(first) == held
        assert _state(answer(consultation, site=site, sender=sender)) == held
        responses_of(first)[0].status = ResponseStatus.PUBLISHED
        db.session.flush()
        assert _state(answer(consultation, site=site, sender=sender)) == SHOWN
        assert _state(answer(consultation, site=site, sender=GUEST)) == held


def test_rules_are_read_whatever_a_row_holds() -> None:
    assert HoldRules.read(None) == HoldRules.read({}) == HoldRules()
    rules = HoldRules(first=True, words=("two words",), flags=3)
    assert HoldRules.read(rules.stored()) == rules
    assert HoldRules.read({"words": [" Rude ", "rude", ""]}).words == ("rude",)
    assert not HoldRules(words=("!!!",)).finds_word("Well!!!")


def test_no_text_takes_long_to_look_at() -> None:
    """S44."""
    rules = HoldRules(links=True, words=tuple(f"word{n}" for n in range(200)))
    started = time.process_time()
    for text in ("a" * 5000, "www." * 1250, "a.b" * 1600, "http:/" * 800, "word " * 1000):
        rules.finds_link(text)
        rules.finds_word(text)
    assert time.process_time() - started < 1
