"""Commenting after an event: by its pass, signed in, and on a booking's page (rule 15, P10)."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engage.bookings.queries import manage_token
from engage.bookings.services import cancel_booking
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.kernel.tokens import new_submission_key, sign_row
from engage.responses.enums import Attribution, IdentityBasis
from engage.responses.models import Respondent, RespondentIdentity, Response, Submission
from tests.factories import hidden, make_person, sign_in
from tests.responses.makers import booking_of, event_about, every_value, open_consultation, send

Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/events/over-lunch/comments/"
TYPED = {"question": "levelling-up:1", "body": "I came out thinking.", "publish": "yes", "quote": "yes"}


@dataclass(frozen=True)
class Links:
    """The ways in."""

    by_pass: str
    by_booking: str
    booking_token: str


@pytest.fixture
def links(unit: Unit, site: Site, clock: time_machine.Traveller) -> Links:
    """An event that ended yesterday, with one booking."""
    with unit():
        event = event_about(open_consultation())
        token = manage_token(booking_of(event, site=site), site)
        event_pass = sign_row(site.link_secrets, "pass", event.id, event.nonce)
    return Links(f"{PAGE}?pass={event_pass}", f"/bookings/{token}/comment", token)


def _stored(unit: Unit) -> int:
    with unit():
        return db.session.scalar(select(func.count(Submission.id))) or 0


def _only_response(unit: Unit) -> tuple[Attribution, str | None, IdentityBasis | None]:
    with unit():
        response = db.session.scalars(select(Response)).one()
        basis = db.session.scalar(select(Respondent.identity_basis))
        return response.attribution, response.display_name, basis


def test_who_holds_the_pass_comments_under_a_name_or_none(unit: Unit, client: FlaskClient, links: Links) -> None:
    answer = send(client, links.by_pass, attribution="pseudonym", display_name="Marged", **TYPED)

    assert answer.status_code == 303
    assert "I came out thinking." in client.get(answer.location).text
    assert _only_response(unit) == (Attribution.PSEUDONYM, "Marged", IdentityBasis.GUEST)


def test_a_comment_by_pass_joins_no_booking_when_it_is_anonymous(unit: Unit, client: FlaskClient, links: Links) -> None:
    """P2, P10: only the pass travels, and nothing of the attendee is stored."""
    with unit():
        before = every_value()
    answer = send(client, links.by_pass, attribution="anonymous", **TYPED)
    with unit():
        after = every_value()

    assert answer.status_code == 303
    assert "Keep this address" in client.get(answer.location).text
    new = {name: [row for row in rows if row not in before[name]] for name, rows in after.items()}
    index = {name for name in new if name.startswith(("response_search", "response_words"))}  # holds words alone
    touched = {name for name, rows in new.items() if rows} - index
    assert touched == {"submission", "response", "consent", "audit_entry", "submission_key"}
    texts = str(new)
    for telling in ("cleo", "Cleo", links.booking_token, "09:00"):
        assert telling not in texts


def test_a_member_comments_signed_in(unit: Unit, client: FlaskClient, links: Links) -> None:
    with unit():
        make_person("dev@example.org", name="Dev")
    sign_in(client, "dev@example.org")
    answer = send(client, PAGE, attribution="not_published", **TYPED)

    assert answer.status_code == 303
    assert _only_response(unit) == (Attribution.NOT_PUBLISHED, None, IdentityBasis.MEMBER)
    assert "I came out thinking." in client.get("/account/responses").text


def test_a_member_who_chooses_anonymous_is_nowhere(unit: Unit, client: FlaskClient, links: Links) -> None:
    with unit():
        make_person("dev@example.org", name="Dev Ident")
    sign_in(client, "dev@example.org")
    assert send(client, PAGE, attribution="anonymous", **TYPED).status_code == 303

    assert _only_response(unit) == (Attribution.ANONYMOUS, None, None)
    assert "I came out thinking." not in client.get("/account/responses").text
    with unit():
        assert db.session.scalars(select(RespondentIdentity)).all() == []


def test_the_bookings_page_fills_in_the_name(unit: Unit, client: FlaskClient, links: Links) -> None:
    page = client.get(links.by_booking)
    assert 'value="Cleo Rees"' in page.text
    assert page.headers["Cache-Control"] == "no-store"

    answer = send(client, links.by_booking, attribution="named", display_name="Cleo Rees", **TYPED)

    assert answer.status_code == 303
    assert _only_response(unit) == (Attribution.NAMED, "Cleo Rees", IdentityBasis.BOOKING)


def test_anonymous_on_the_bookings_page_stores_nothing_and_gives_the_pass_form(
    unit: Unit, client: FlaskClient, links: Links
) -> None:
    """P2, P10: the words come back in a form that carries no name and no booking."""
    answer = send(client, links.by_booking, attribution="anonymous", display_name="Cleo Rees", **TYPED)

    assert answer.status_code == 422
    assert _stored(unit) == 0
    assert "This form no longer carries your name. Nothing is stored yet." in answer.text
    form = re.search(r'<form class="form".*?</form>', answer.text, re.S)
    assert form is not None
    action = re.search(r'action="([^"]+)"', form[0])
    assert action is not None
    assert action[1] == links.by_pass
    assert "I came out thinking." in form[0]
    assert 'value="levelling-up:1" ' in form[0].replace(">", " ") or 'selected value="levelling-up:1"' in form[0]
    assert "display_name" not in form[0]
    assert "Cleo" not in form[0]
    assert links.booking_token not in form[0]
    assert len(re.findall(r"checked", form[0])) == 2  # the uses that were ticked
    assert answer.headers["Referrer-Policy"] == "strict-origin"

    sent = client.post(action[1], data={**hidden(answer), **TYPED})

    assert sent.status_code == 303
    assert _only_response(unit) == (Attribution.ANONYMOUS, None, None)


def test_who_may_not_comment_is_told_how_and_keeps_what_was_typed(
    unit: Unit, client: FlaskClient, links: Links
) -> None:
    page = client.get(PAGE)
    assert "the link by which you joined" in page.text
    assert "<textarea" not in page.text

    answer = client.post(PAGE, data={**TYPED, **_key(client), "attribution": "anonymous"})

    assert (answer.status_code, "I came out thinking." in answer.text) == (403, True)
    assert "Comments come from people who booked" in answer.text
    assert _stored(unit) == 0


@pytest.mark.parametrize("forged", ["", "forged", "A" * 48, "x" * 5000, "%FF", "%F0%9F%99%82"])
def test_a_forged_pass_opens_nothing(unit: Unit, client: FlaskClient, links: Links, forged: str) -> None:
    answer = client.post(f"{PAGE}?pass={forged}", data={**TYPED, **_key(client), "attribution": "anonymous"})

    assert (answer.status_code, "I came out thinking." in answer.text) == (404, True)
    assert _stored(unit) == 0


def test_the_pass_of_another_event_and_a_revoked_one_open_nothing(
    unit: Unit, site: Site, client: FlaskClient, links: Links
) -> None:
    """S12."""
    with unit():
        other = event_about(slug="another")
        other_pass = sign_row(site.link_secrets, "pass", other.id, other.nonce)
        as_booking = sign_row(site.link_secrets, "booking", other.id, other.nonce)
    for wrong in (other_pass, as_booking, links.booking_token):
        typed = {**TYPED, **_key(client), "attribution": "anonymous"}
        assert client.post(f"{PAGE}?pass={wrong}", data=typed).status_code == 404
    with unit() as session:
        from engage.events.models import Event

        session.scalars(select(Event).where(Event.slug == "over-lunch")).one().nonce = "0" * 32
    assert client.post(links.by_pass, data=typed).status_code == 404
    assert _stored(unit) == 0


@pytest.mark.parametrize("token", ["forged", "A" * 48, "%00", "x" * 5000])
def test_a_forged_or_cancelled_booking_opens_nothing(
    unit: Unit, site: Site, client: FlaskClient, links: Links, token: str
) -> None:
    assert client.get(f"/bookings/{token}/comment").status_code == 404
    assert client.post(f"/bookings/{token}/comment", data=TYPED).status_code == 404


def test_before_the_end_and_after_the_closing_the_form_comes_back_filled(
    unit: Unit, client: FlaskClient, links: Links, clock: time_machine.Traveller
) -> None:
    for shift, sentence in (
        (-timedelta(days=2), "Comments open when the event is over"),
        (timedelta(days=60), "closed"),
    ):
        clock.shift(shift)
        for address in (links.by_pass, links.by_booking):
            typed = {**TYPED, **_key(client), "attribution": "pseudonym", "display_name": "Marged"}
            answer = client.post(address, data=typed)

            assert (answer.status_code, sentence in answer.text) == (409, True)
            assert "I came out thinking." in answer.text
            assert "<textarea" not in client.get(address).text
    assert _stored(unit) == 0


BAD: list[tuple[str, Any]] = [
    ("question", f"levelling-up:{2**63}"),
    ("question", f"levelling-up:{2**64}"),
    ("question", "levelling-up:2"),
    ("question", "levelling-up:"),
    ("question", ":" * 1000),
    ("question", "\x00"),
    ("question", "=?utf-8?q?x?="),
    ("body", ""),
    ("body", "\x00\u202e"),
    ("body", "x" * 5001),
    ("body", "🙂" * 6000),
    ("attribution", "shouted"),
    ("attribution", "\x00"),
    ("display_name", ""),
    ("display_name", "\u202e"),
    ("display_name", "x" * 201),
    ("submission_key", "forged"),
]


def test_an_empty_comment_is_asked_for_in_the_words_of_a_comment(client: FlaskClient, links: Links) -> None:
    answer = send(client, links.by_pass, attribution="anonymous", body=" ")

    assert answer.status_code == 422
    assert "Write your comment first, or record it." in answer.text
    assert "One answer is enough" not in answer.text


@pytest.mark.parametrize(("field", "text"), BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("way", ["by_pass", "by_booking"])
def test_bad_input_is_refused_beside_its_field_and_the_rest_is_kept(
    unit: Unit, client: FlaskClient, links: Links, *, way: str, field: str, text: str
) -> None:
    """S24, R35."""
    typed = {**TYPED, **_key(client), "attribution": "named", "display_name": "Kept Name", field: text}
    answer = client.post(getattr(links, way), data=typed)

    assert answer.status_code == 422
    assert 'id="errors"' in answer.text
    if field != "submission_key":
        assert f'id="{field}-error"' in answer.text
    assert ("I came out thinking." in answer.text) is (field != "body")
    assert ("Kept Name" in answer.text) is (field != "display_name")
    assert _stored(unit) == 0


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"x=" + b"y" * 10_000_000, "application/x-www-form-urlencoded", 413),
        (b"[" * 100_000, "application/json", 422),
        (b"body=%FF%FE&question=%ED%A0%80", "application/x-www-form-urlencoded", 422),
        (b"\xff\xfe", "multipart/form-data; boundary=x", 422),
        (b"&" * 100_000, "application/x-www-form-urlencoded", 422),
    ],
)
def test_no_body_is_a_fault_of_ours(
    unit: Unit, client: FlaskClient, links: Links, *, body: bytes, content_type: str, status: int
) -> None:
    answer = client.post(links.by_pass, data=body, content_type=content_type)

    assert answer.status_code in {status, 413, 422}
    assert _stored(unit) == 0


def test_a_double_click_is_one_comment_and_the_same_receipt(unit: Unit, client: FlaskClient, links: Links) -> None:
    typed = {**hidden(client.get(links.by_pass)), **TYPED, "attribution": "anonymous"}
    first, second = client.post(links.by_pass, data=typed), client.post(links.by_pass, data=typed)

    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert _stored(unit) == 1


def test_who_gave_the_place_back_has_no_page_to_comment_on(
    unit: Unit, site: Site, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    with unit():
        event = event_about(slug="later", ended_ago=-timedelta(days=2))
        booking = booking_of(event, site=site)
        token = manage_token(booking, site)
        cancel_booking(booking.id, site=site, at=real_clock.now())
    clock.shift(timedelta(days=3))

    assert client.get(f"/bookings/{token}/comment").status_code == 404


def _key(client: FlaskClient) -> dict[str, str]:
    site: Site = client.application.extensions["engage"].site()
    return {"submission_key": new_submission_key(site.link_secrets, real_clock.now())}
