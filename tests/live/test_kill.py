"""kill -9 of every process loses nothing that was promised and sends each mail (R3, R4, R5, R13, R14)."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count as numbers

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from engage.bookings.models import Booking
from engage.bookings.requests import PlaceRequest
from engage.bookings.services import book_place
from engage.kernel import clock
from engage.kernel.models import Job, JobState
from tests.live.conftest import Unit, make_live_event
from tests.live.crowd import Visitor, addresses
from tests.live.post_office import PostOffice, post_office
from tests.live.tally import count, whole
from tests.live.waiting import wait_for_every_mail, wait_until
from tests.live_server import LiveSite, live_site

pytestmark = pytest.mark.live

KILLS = 20
MAILS_BEFORE_EACH_KILL = 2
CHECK_EVERY = 5  # kills; `flask check` reads everything, so it is asked now and then, and at the end
LONGEST_S = 600  # for all kills and the starts after them, on a machine that does other things too


@dataclass
class Rush:
    """People who book one after another until nobody answers; what each was told."""

    site: LiveSite
    slug: str
    attempted: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=numbers)

    def keep_booking(self) -> None:
        """Book at an easy pace until the site is gone."""
        guest = Visitor(self.site.port, "first@example.net")
        while (page := guest.ask("GET", f"/events/{self.slug}/book")).status == 200:
            number = next(self._number)
            guest = Visitor(self.site.port, f"guest{number}@example.net", places=1 + number % 3)
            self.attempted.append(guest.email)
            answer = guest.book(self.slug, page.hidden)
            if answer.status == 303:
                self.acknowledged.append(guest.email)
            elif answer.status == 0:
                return
            else:
                self.others.append(answer.status)
            time.sleep(0.05)


@pytest.fixture
def mail_server() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


def test_what_was_answered_is_there_after_twenty_kills_and_every_mail_goes_out(
    database_url: str, unit: Unit, mail_server: PostOffice
) -> None:
    """R3, R4, R5, R13 to R17, I1 to I8: kill -9 of web and worker in the middle of a rush, twenty times."""
    began = time.monotonic()
    with unit():
        event = make_live_event(capacity=5000)
        event_id, slug = event.id, event.slug

    with live_site(database_url, environment={"SMTP_URL": mail_server.url}) as site:
        rush = Rush(site, slug)
        for kill in range(1, KILLS + 1):
            assert time.monotonic() - began < LONGEST_S, f"only {kill - 1} kills in {LONGEST_S} s"
            mail_server.hold_answer(after=MAILS_BEFORE_EACH_KILL)
            with ThreadPoolExecutor(4) as people:
                for _ in range(4):
                    people.submit(rush.keep_booking)
                mail_server.wait_until_holding()
                site.kill()
            mail_server.let_go()
            if kill % CHECK_EVERY == 0:
                assert site.flask("check").startswith("ok")
            _let_leases_end(unit)
            site.start_worker()
            site.start_web()
        wait_for_every_mail(unit, event_id)
        checked = site.flask("check")
        logs = site.logs()

    assert checked.startswith("ok")
    assert rush.others == [], logs
    with unit() as session:
        booked = list(session.scalars(select(Booking.email_normalised).where(Booking.event_id == event_id)))
        places = session.scalars(select(func.sum(Booking.places)).where(Booking.event_id == event_id)).one()
        assert count(session, event_id) == replace(whole(len(booked)), seats_taken=places)
    assert set(rush.acknowledged) <= set(booked) <= set(rush.attempted)
    assert len(rush.acknowledged) >= KILLS * MAILS_BEFORE_EACH_KILL
    copies = Counter((mail.to, mail.message_id) for mail in mail_server.deliveries)
    assert Counter(to for to, _ in copies) == dict.fromkeys(booked, 1), "one Message-ID for each person, all delivered"
    assert sum(copies.values()) - len(copies) == KILLS, "each kill hit one mail that had arrived unanswered"
    assert len({mail.data for mail in mail_server.deliveries}) == len(copies), "a second copy has the same bytes"


def test_two_workers_side_by_side_send_each_mail_once(
    database_url: str, app: Flask, unit: Unit, mail_server: PostOffice
) -> None:
    guests = addresses(30)
    with unit():
        event_id = make_live_event(capacity=30).id
        for email in guests:
            book_place(
                event_id,
                PlaceRequest(name="Cleo Hart", email=email, locale="en"),
                site=app.extensions["engage"].site(),
                at=clock.now(),
            )

    mail_server.hold_answer(after=1)
    with live_site(database_url, environment={"SMTP_URL": mail_server.url}) as site:
        site.start_worker()
        mail_server.wait_until_holding()  # one worker waits for its answer and holds its batch …
        wait_until(lambda: len(mail_server.deliveries) > 10)  # … while the other one works
        mail_server.let_go()
        wait_for_every_mail(unit, event_id)

    assert Counter(mail.to for mail in mail_server.deliveries) == dict.fromkeys(guests, 1)


def _let_leases_end(unit: Unit) -> None:
    """Do what five minutes do: a dead worker's jobs are free again."""
    with unit() as session:
        session.execute(update(Job).where(Job.state == JobState.DUE).values(lease_until=None))
