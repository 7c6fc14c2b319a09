"""What looks like advertising is held for a person: traps, haste, and words like those that moderators refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.consultations.enums import ModerationMode
from engage.consultations.models import Consultation
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.responses.enums import (
    HoldReason,
    IdentityBasis,
    ModerationAction,
    ReasonCode,
    ResponseStatus,
    SpamEngine,
)
from engage.responses.models import Response, SpamCheck, SpamWord
from engage.responses.moderation_queries import queue_item
from engage.responses.services import Owner, Sender, decide, edit
from engage.responses.services.first_state import publish_anonymous_of_days_before
from engage.responses.spam.arrivals import Arrival
from engage.responses.spam.local import FEWEST_SEEN, SPAM_FROM, learn, spam_score
from tests.factories import make_person
from tests.responses.makers import ANONYMOUS, answer, every_value, open_consultation, responses_of

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
SELLS = "Cheap casino bonus, win money now at www casino today"
THINKS = "Our village needs a later bus from the hospital, and a shelter at the stop"
HELD = (ResponseStatus.HELD, HoldReason.SPAM)


def _asking(mode: ModerationMode = ModerationMode.POST) -> Consultation:
    consultation = open_consultation()
    consultation.moderation_mode = mode
    db.session.flush()
    return consultation


def _arriving(site: Site, consultation: Consultation, arrival: Arrival, **other: Any) -> Response:
    sender = Sender(IdentityBasis.GUEST, name="Gwen", arrival=arrival)
    [response] = responses_of(answer(consultation, site=site, sender=sender, **other))
    return response


def _teach() -> None:
    for _ in range(FEWEST_SEEN):
        learn(SELLS, is_spam=True)
        learn(THINKS, is_spam=False)


@pytest.mark.parametrize("mode", ModerationMode)
def test_who_falls_into_the_trap_is_held_and_never_refused(unit: Unit, site: Site, mode: ModerationMode) -> None:
    """S32."""
    with unit():
        response = _arriving(site, _asking(mode), Arrival(is_trapped=True, seconds=60))
        assert (response.status, response.held_for) == HELD
        assert [engine for engine, _ in queue_item(response.id).judged] == [SpamEngine.HONEYPOT]


@pytest.mark.parametrize(
    ("mode", "seconds", "state"),
    [
        (ModerationMode.POST, 1.0, HELD),
        (ModerationMode.HOLD, 2.9, HELD),
        (ModerationMode.POST, 3.0, (ResponseStatus.PUBLISHED, None)),
        (ModerationMode.POST, None, (ResponseStatus.PUBLISHED, None)),
        (ModerationMode.PRE, 0.1, (ResponseStatus.RECEIVED, None)),
    ],
)
def test_haste_holds_what_would_be_shown_unread(
    unit: Unit, site: Site, mode: ModerationMode, seconds: float | None, state: tuple[ResponseStatus, HoldReason | None]
) -> None:
    with unit():
        response = _arriving(site, _asking(mode), Arrival(seconds=seconds))
        assert (response.status, response.held_for) == state


def test_of_an_anonymous_sender_nothing_is_known_but_the_signs(unit: Unit, site: Site) -> None:
    """P2, P5: no address and no browser, in no table."""
    arrival = Arrival(
        is_trapped=True, seconds=1, address="203.0.113.77", agent="Canary/7", referrer="https://c.example"
    )
    with unit():
        response = _arriving(site, _asking(), arrival, naming=ANONYMOUS)
        assert (response.status, response.held_for) == HELD
        [check, other] = db.session.scalars(select(SpamCheck))
        assert check.fields is other.fields is None
        everything = str(every_value())
        assert not any(word in everything for word in ("203.0.113.77", "Canary/7", "c.example"))


def test_the_filter_says_nothing_before_it_has_seen_enough_of_both(unit: Unit) -> None:
    with unit():
        for _ in range(FEWEST_SEEN):
            learn(SELLS, is_spam=True)
        assert spam_score(SELLS) is None
        _teach()
        assert (spam_score(SELLS) or 0) > SPAM_FROM
        assert (spam_score(THINKS) or 1) < 0.05
        assert (spam_score("") or 0) < SPAM_FROM


def test_it_learns_from_moderators_and_unlearns_when_they_think_again(
    unit: Unit, site: Site, clock: time_machine.Traveller
) -> None:
    with unit():
        mo = make_person("mo@example.org", "moderator").id
        [response] = responses_of(answer(open_consultation(), site=site, answers={1: SELLS}))

        def counts() -> tuple[int, int]:
            db.session.expire_all()
            row = db.session.get(SpamWord, "")
            return (row.ham, row.spam) if row else (0, 0)

        spam = {"action": ModerationAction.REFUSE, "reason_code": ReasonCode.SPAM}
        for decided, seen in (
            ({"action": ModerationAction.HOLD}, (0, 0)),
            (spam, (0, 1)),
            ({"action": ModerationAction.PUBLISH}, (1, 0)),
            (spam, (0, 1)),
            ({"action": ModerationAction.RESTORE}, (0, 1)),
        ):
            clock.shift(timedelta(minutes=1))
            decide(response.id, moderator=mo, at=real_clock.now(), **decided)  # type: ignore[arg-type]
            assert counts() == seen, decided


def test_words_like_those_that_were_refused_are_held_and_others_shown(unit: Unit, site: Site) -> None:
    with unit():
        _teach()
        consultation = _asking()
        sold = _arriving(site, consultation, Arrival(seconds=60), answers={1: f"{SELLS}! Casino."})
        thought = _arriving(site, consultation, Arrival(seconds=60), answers={1: "A bus shelter at our stop."})
        assert (sold.status, sold.held_for) == HELD
        assert thought.status is ResponseStatus.PUBLISHED
        [check] = db.session.scalars(select(SpamCheck))
        assert (check.response_id, check.engine) == (sold.id, SpamEngine.LOCAL)


def _edited(site: Site, code: str, body: str, arrival: Arrival) -> Response:
    [response] = responses_of(code)
    how: dict[str, Any] = {"began": 0, "arrival": arrival, "site": site, "at": real_clock.now()}
    assert edit(Owner(code=code), response.id, body=body, **how)
    return response


@pytest.mark.parametrize(
    ("mode", "arrival", "engine"),
    [
        (ModerationMode.PRE, Arrival(is_trapped=True), SpamEngine.HONEYPOT),
        (ModerationMode.POST, Arrival(seconds=1), SpamEngine.TIMING),
        (ModerationMode.POST, Arrival(seconds=60), SpamEngine.LOCAL),
    ],
)
def test_an_edit_is_looked_at_as_the_first_words_were(
    unit: Unit, site: Site, mode: ModerationMode, arrival: Arrival, engine: SpamEngine
) -> None:
    """S32: also of what nobody knows the author, which a rule would show on the next day."""
    with unit():
        _teach()
        code = answer(_asking(mode), site=site, answers={1: THINKS}, naming=ANONYMOUS)
        response = _edited(site, code, SELLS if engine is SpamEngine.LOCAL else "Changed.", arrival)

        assert (response.status, response.held_for) == HELD
        assert [engine for engine, _ in queue_item(response.id).judged] == [engine]
        later = real_clock.now() + timedelta(days=2)
        assert publish_anonymous_of_days_before(at=later) == 0


def test_an_edit_of_what_was_shown_says_why_it_is_held(unit: Unit, site: Site) -> None:
    with unit():
        _teach()
        consultation = _asking()
        codes = [answer(consultation, site=site, answers={1: THINKS}) for _ in range(2)]
        assert responses_of(codes[0])[0].status is ResponseStatus.PUBLISHED
        sold = _edited(site, codes[0], SELLS, Arrival(seconds=60))
        thought = _edited(site, codes[1], f"{THINKS}, please", Arrival(seconds=60))

        assert (sold.status, sold.held_for) == HELD
        assert (thought.status, thought.held_for) == (ResponseStatus.HELD, HoldReason.EDITED)


def test_what_it_learned_holds_nobodys_words(unit: Unit) -> None:
    """P17, P18."""
    with unit():
        learn("Gwendolyn Abernathy of Tenby", is_spam=False)
        kept = " ".join(db.session.scalars(select(SpamWord.word))).casefold()
        assert not any(word in kept for word in ("gwendolyn", "abernathy", "tenby"))
