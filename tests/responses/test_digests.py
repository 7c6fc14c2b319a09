"""Moderators hear once a day how much waits, and nothing of what it says (P4, P7)."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.accounts.models import Person
from engage.kernel import clock as real_clock
from engage.kernel.settings import Site
from engage.responses.enums import FlagReason
from engage.responses.models import Submission
from engage.responses.services.digests import promise_to_read, send_to_read
from engage.responses.services.flags import flag
from tests.conftest import TEST_BEGINS, SentMail
from tests.factories import make_person
from tests.responses.makers import ANONYMOUS, answer, comment, event_about, open_consultation, publish_all, responses_of

Unit = Callable[[], AbstractContextManager[Session]]
Outbox = Callable[[], list[SentMail]]
DAY = timedelta(days=1)
DIGEST = "moderation_digest"

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture(autouse=True)
def mo(unit: Unit) -> uuid.UUID:
    """One moderator, and an organiser who leaves it to them."""
    with unit():
        make_person("asha@example.org", "organiser")
        return make_person("mo@example.org", "moderator", name="Mo").id


def told(outbox: Outbox) -> list[str]:
    """Return whom a digest went to."""
    return [mail.to for mail in outbox() if mail.kind == DIGEST]


def text_of(outbox: Outbox) -> str:
    """Return what the latest digest says, head and both bodies."""
    mail = [sent.mail for sent in outbox() if sent.kind == DIGEST][-1]
    assert mail is not None
    bodies = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *bodies])


def send(unit: Unit, site: Site) -> int:
    """Send what is due now."""
    with unit():
        return send_to_read(site=site, at=real_clock.now())


def test_each_morning_one_mail_counts_what_came_before_that_day(
    unit: Unit, site: Site, outbox: Outbox, clock: time_machine.Traveller, worker: Callable[..., int]
) -> None:
    """P4, P7: a number and a title; no words, no name, no Reply-To, and nothing of what came today."""
    worker()  # a worker that runs promises the next
    with unit():
        consultation = open_consultation()
        answer(consultation, site=site, naming=ANONYMOUS, answers={1: "Otters built the bridge."})
        answer(consultation, site=site, answers={2: "Ask Gwen."})
        comment(event_about(), site=site)
    worker()
    assert told(outbox) == []
    clock.move_to(TEST_BEGINS.replace(hour=7) + DAY)  # 8am in London
    with unit() as session:
        answer(session.merge(consultation), site=site, naming=ANONYMOUS)
    worker()
    worker()

    assert told(outbox) == ["mo@example.org"]
    text = text_of(outbox)
    for words in ("Levelling up: what do you think?", "Three views over lunch", "2 responses wait to be read."):
        assert words in text
    assert "One response waits to be read." in text
    assert "/organise/responses/?consultation=levelling-up" in text
    for hidden in ("Otters", "Gwen", "3 responses", "Reply-To"):
        assert hidden not in text
    clock.shift(DAY)
    worker()
    assert told(outbox) == ["mo@example.org"] * 2
    assert "3 responses wait to be read." in text_of(outbox)


def test_nobody_is_told_when_nothing_waits(unit: Unit, site: Site, outbox: Outbox, mo: uuid.UUID) -> None:
    with unit() as session:
        consultation = open_consultation()
        code = answer(consultation, site=site, at=real_clock.now() - DAY)
        publish_all(code, moderator=session.get_one(Person, mo))
        answer(consultation, site=site, consents=frozenset(), at=real_clock.now() - DAY)

    assert send(unit, site) == 0


def test_what_readers_flagged_while_it_is_shown_counts_as_well(
    unit: Unit, site: Site, outbox: Outbox, worker: Callable[..., int], mo: uuid.UUID
) -> None:
    with unit() as session:
        code = answer(open_consultation(), site=site, at=real_clock.now() - 2 * DAY)
        publish_all(code, moderator=session.get_one(Person, mo))
        response_id = responses_of(code)[0].id
        for number in ("one", "two"):
            at = real_clock.now() - DAY
            flag(response_id, reason=FlagReason.OTHER, note="Canary note.", key=number, at=at)

    assert send(unit, site) == 1
    worker()
    text = text_of(outbox)
    assert "One that is shown was flagged by readers." in text
    assert "to be read." not in text
    assert "Canary" not in text


def test_where_nobody_is_a_moderator_those_are_told_who_may_do_it_and_nobody_who_left(
    unit: Unit, site: Site, outbox: Outbox, mo: uuid.UUID
) -> None:
    with unit() as session:
        make_person("admin@example.org", "administrator")
        session.get_one(Person, mo).disabled_at = real_clock.now()
        answer(open_consultation(), site=site, at=real_clock.now() - DAY)

    assert send(unit, site) == 2
    assert told(outbox) == ["admin@example.org", "asha@example.org"]
    assert send(unit, site) == 0


def test_a_sample_asks_nobody_to_read_it(unit: Unit, site: Site, outbox: Outbox) -> None:
    with unit() as session:
        answer(open_consultation(), site=site, at=real_clock.now() - DAY)
        session.scalars(select(Submission)).one().is_sample = True

    assert send(unit, site) == 0


def test_a_digest_is_promised_once_for_a_day_also_where_the_clock_jumps(unit: Unit, site: Site) -> None:
    """R20: 8am in London is 07:00 UTC in summer and 08:00 in winter."""
    with unit():
        for hour in (5, 6):
            at = datetime(2026, 9, 2, hour, tzinfo=UTC)
            assert promise_to_read(site=site, at=at) == datetime(2026, 9, 2, 7, tzinfo=UTC)
        at = datetime(2026, 10, 24, 7, tzinfo=UTC)
        assert promise_to_read(site=site, at=at) == datetime(2026, 10, 25, 8, tzinfo=UTC)
