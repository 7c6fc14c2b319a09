"""The page on which an organiser types in what came on paper."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.kernel.db import db
from engage.responses.enums import Channel
from engage.responses.models import Consent, Response, Submission
from tests.factories import hidden, make_person, sign_in
from tests.media.makers import voice
from tests.pages import faults
from tests.responses.makers import open_consultation

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
PAGE = "/organise/consultations/levelling-up/enter"
LETTER = {
    "channel": "phone",
    "received_on": "2026-08-31",
    "answer-2": "The buses stopped.",
    "name": "Gwen Price",
    "attribution": "not_published",
    "government": "yes",
}
NOBODY = {"name": "", "organisation": "", "attribution": "anonymous"}


@pytest.fixture
def desk(unit: Unit, client: FlaskClient) -> FlaskClient:
    """Asha's browser, and something that was asked."""
    with unit():
        open_consultation()
        make_person("asha@example.org", "organiser", name="Asha")
    sign_in(client, "asha@example.org")
    return client


def _stored(unit: Unit) -> list[Any]:
    with unit():
        return list(db.session.execute(select(Response.body, Submission.channel).join(Submission)).all())


def test_what_was_said_on_the_phone_is_typed_in_once_and_its_receipt_is_shown(unit: Unit, desk: FlaskClient) -> None:
    """R8: a second click is the same sitting."""
    page = desk.get(PAGE)
    assert faults(page) == []
    typed = {**hidden(page), **LETTER}
    first, second = desk.post(PAGE, data=typed), desk.post(PAGE, data=typed)

    assert (first.status_code, second.location) == (303, first.location)
    assert "The buses stopped." in desk.get(first.location).text
    assert _stored(unit) == [("The buses stopped.", Channel.PHONE)]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"channel": "web"}, "Choose how it came"),
        ({"received_on": ""}, "Write the day on which it came"),
        ({"received_on": "31/08/2026"}, "Write the day on which it came"),
        ({"received_on": "9999-12-31"}, "Write a day from the opening"),
        ({"answer-2": ""}, "Write something first"),
        (
            {"name": "", "organisation": "", "attribution": "anonymous", "email": "g@example.org"},
            "Take the address out",
        ),
        ({"attribution": "anonymous"}, "Anonymous answers hold no name"),
        ({"submission_key": "forged"}, "open for too long"),
        ({"csrf_token": "forged"}, "before you last signed in"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_lost_or_stored(
    unit: Unit, desk: FlaskClient, *, typed: dict[str, str], sentence: str
) -> None:
    """R35, S10, S24."""
    answer = desk.post(PAGE, data={**hidden(desk.get(PAGE)), **LETTER, "organisation": "Tidewell", **typed})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert typed.get("organisation", "Tidewell") in answer.text
    assert _stored(unit) == []


def test_a_recording_that_came_by_mail_is_stored_with_what_its_author_agreed_to(unit: Unit, desk: FlaskClient) -> None:
    """Rule 6: a voice and a face have consents of their own, with the wording that stood there (P12)."""
    page = desk.get(PAGE)
    assert "The voice and the face of who speaks can be recognised" in page.text
    file = (io.BytesIO(voice(1)), "gwen.webm")
    typed = {**hidden(page), **LETTER, "answer-2": "", "media-2": file, "media_voice": "yes"}
    assert desk.post(PAGE, data=typed, content_type="multipart/form-data").status_code == 303

    with unit():
        assert db.session.scalars(select(Response)).one().media is not None
        said = db.session.scalars(select(Consent).where(Consent.purpose.in_(["media_voice", "media_face"])))
        assert {each.purpose.value: (each.granted, each.wording_shown) for each in said} == {
            "media_voice": (True, "My recorded voice, wherever my words may go"),
            "media_face": (False, "My face in the recording, wherever my words may go"),
        }
