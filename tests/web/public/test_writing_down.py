"""The pages on which what is said in a recording is written down: by receipt, signed in, and at the desk."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.kernel import clock as real_clock
from engage.kernel.settings import Site
from engage.media.enums import MediaKind
from engage.media.making.process import Made
from engage.media.models import MediaTrack
from engage.media.services import keep_made
from engage.media.storage import storage_at
from engage.responses.enums import IdentityBasis, ModerationAction
from engage.responses.models import Response
from engage.responses.services import Answer, Sender, decide
from tests.conftest import SentMail
from tests.factories import hidden, make_person, sign_in
from tests.pages import faults
from tests.responses.makers import answer, open_consultation

Unit = Callable[[], AbstractContextManager[Session]]
CAPTIONS = "WEBVTT\n\n00:01.000 --> 00:04.000\nThe buses stopped.\n"
QUESTION = "/consultations/levelling-up/questions/1/"


@dataclass(frozen=True)
class Pages:
    """A member's film that is published, and the three pages about it."""

    media_id: UUID
    by_receipt: str
    signed_in: str
    at_desk: str


@pytest.fixture
def pages(clock: time_machine.Traveller, unit: Unit, site: Site) -> Pages:
    at, storage = real_clock.now(), storage_at(site.media_url)
    with unit() as session:
        dev = make_person("dev@example.org", name="Dev")
        moderator = make_person("mo@example.org", "moderator")
        kept = storage.keep(io.BytesIO(b"as it was sent"), at=at)
        sender = Sender(IdentityBasis.MEMBER, person_id=dev.id, name="Dev", email="dev@example.org")
        code = answer(open_consultation(), site=site, answers={1: Answer(recording=kept)}, sender=sender)
        response = session.scalars(select(Response)).one()
        assert response.media is not None
        made = Made(MediaKind.VIDEO, "video/mp4", 10_000, 64, 48, poster=False)
        keep_made(response.media.id, made, storage.keep(io.BytesIO(b"made"), at=at), None, at=at)
        decide(response.id, action=ModerationAction.PUBLISH, moderator=moderator.id, at=at)
        place = f"responses/{response.id}/captions"
        return Pages(response.media.id, f"/receipts/{code}/{place}", f"/account/{place}", f"/organise/{place}")


def write(client: FlaskClient, address: str, page: TestResponse | None = None, **typed: object) -> TestResponse:
    """Open a page, write down what is said, and send it."""
    page = page or client.get(address)
    return client.post(address, data={**hidden(page), "captions": "", "transcript": "", **typed})


def written(unit: Unit) -> dict[str, str]:
    with unit() as session:
        return {track.kind.value: track.body for track in session.scalars(select(MediaTrack))}


@pytest.mark.parametrize(("way", "email"), [("by_receipt", ""), ("signed_in", "dev@"), ("at_desk", "mo@")])
def test_a_file_is_read_and_its_words_come_back_to_be_changed(
    client: FlaskClient, app: Flask, unit: Unit, pages: Pages, way: str, email: str
) -> None:
    address = getattr(pages, way)
    if email:
        sign_in(client, f"{email}example.org")
    page = client.get(address)
    assert (page.status_code, faults(page)) == (200, [])
    answer_ = write(client, address, page, captions_file=(io.BytesIO(CAPTIONS.encode()), "bob.srt"))
    assert answer_.status_code == 303
    told = client.get(answer_.location).text
    assert "What is said stands with" in told
    assert "bob.srt" not in told
    again = client.get(address).text
    assert "00:00:01.000 --&gt; 00:00:04.000" in again
    assert written(unit)["transcript"] == "The buses stopped."
    everybody = app.test_client().get(QUESTION).text
    assert ("The buses stopped." in everybody) is (way == "at_desk")  # else somebody reads it first (S48)


def test_who_plays_it_reads_along(client: FlaskClient, app: Flask, pages: Pages) -> None:
    """WCAG 1.2.2: the film has a track, and the text below it."""
    sign_in(client, "mo@example.org")
    write(client, pages.at_desk, captions=CAPTIONS, transcript="The buses stopped in June.")
    reader = app.test_client()
    page = reader.get(QUESTION)
    assert faults(page) == []
    assert f'<track kind="captions" src="/media/{pages.media_id}/captions" srclang="en"' in page.text
    assert "The buses stopped in June." in page.text
    track = reader.get(f"/media/{pages.media_id}/captions")
    assert (track.mimetype, track.text.split("\n")[0]) == ("text/vtt", "WEBVTT")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"captions": "What she said."}, "Line 1 could not be read."),
        ({"captions": CAPTIONS.replace("00:04", "00:44")}, "Line 3 comes after the end"),
        ({"captions_file": b"\xff\x00\x10"}, "could not be read as text"),
        ({"captions_file": b"x" * 400_001}, "longer than 100000 characters"),
        ({"captions_file": b"What she said."}, "Line 1 could not be read."),
        ({"submission_key": "forged"}, "open for too long"),
    ],
)
def test_what_cannot_be_used_is_said_and_what_was_typed_stays(
    client: FlaskClient, unit: Unit, pages: Pages, typed: dict[str, object], sentence: str
) -> None:
    """R35, S24, S25."""
    sent = {name: (io.BytesIO(each), "x.vtt") if isinstance(each, bytes) else each for name, each in typed.items()}
    answer_ = write(client, pages.by_receipt, **{"transcript": "The buses stopped.", **sent})
    assert answer_.status_code == 422
    assert sentence in answer_.text
    assert "The buses stopped." in answer_.text
    assert ("What she said." in answer_.text) is ("What she said." in str(typed) or "Line 1" in sentence)
    assert written(unit) == {}


def test_two_who_write_at_once_see_both(client: FlaskClient, app: Flask, unit: Unit, pages: Pages) -> None:
    """R11."""
    moderator = app.test_client()
    sign_in(moderator, "mo@example.org")
    page = moderator.get(pages.at_desk)
    write(client, pages.by_receipt, transcript="The buses stopped.")
    answer_ = write(moderator, pages.at_desk, page, transcript="The busses stopped.")
    assert answer_.status_code == 409
    assert "The buses stopped." in answer_.text
    assert "The busses stopped." in answer_.text
    assert written(unit) == {"transcript": "The buses stopped."}


def test_a_copy_on_paper_and_by_mail_says_what_is_said_in_the_recording(
    client: FlaskClient, pages: Pages, worker: Callable[..., int], outbox: Callable[[], list[SentMail]]
) -> None:
    write(client, pages.by_receipt, transcript="The buses stopped.\nNobody told us.")
    address = pages.by_receipt.partition("/responses/")[0] + "/copy"
    page = client.get(address)
    assert faults(page) == []
    assert "<video" not in page.text
    told = ["With a recording of 0:10 minutes. It plays on your receipt.", "The buses stopped.", "Nobody told us."]
    for line in told:
        assert f">{line}</p>" in page.text
    assert client.post(address, data=hidden(page)).status_code == 303
    worker()
    [copy] = [sent.mail for sent in outbox() if sent.kind == "answers_copy"]
    assert copy is not None
    body = copy.get_body(("plain",))
    assert body is not None
    assert [line for line in body.get_content().splitlines() if line in told] == told
