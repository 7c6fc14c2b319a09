"""Recordings sent with a form: stored whole or not at all, and nothing typed is lost by them (R5, R8, R30, R35)."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engage.edge import uploads
from engage.media.enums import MediaKind, MediaState
from engage.media.models import MediaAsset
from engage.media.storage import FolderStorage, storage_at
from engage.responses.models import Consent
from tests.conftest import SentMail
from tests.factories import hidden
from tests.media.makers import voice
from tests.responses.makers import open_consultation

Unit = Callable[[], AbstractContextManager[Session]]
SMALL = 100_000  # instead of a megabyte: the test client leaves larger requests open
ADDRESS = "/consultations/levelling-up/respond"
TITLE = "Levelling up: what do you think?"
FIELDS = {"attribution": "named", "display_name": "Gwen", "publish": "yes", "media_voice": "yes"}


@pytest.fixture
def storage(app: Flask) -> FolderStorage:
    found = storage_at(app.extensions["engage"].site().media_url)
    for key in list(found.names()):
        found.delete(key)
    return found


@pytest.fixture
def asked(unit: Unit) -> None:
    """Ask three questions; the second takes voices alone, the third no recording."""
    with unit():
        questions = open_consultation().questions
        questions[0].media_min_s, questions[0].media_max_s = 1, 5
        questions[1].allows_video = False
        questions[2].allows_video = questions[2].allows_audio = False


def send(client: FlaskClient, files: dict[str, bytes], page: TestResponse | None = None, **typed: str) -> TestResponse:
    page = page or client.get(ADDRESS)
    chosen = {name: (io.BytesIO(data), "gwen-at-home.webm", "video/webm") for name, data in files.items()}
    return client.post(ADDRESS, data={**hidden(page), **FIELDS, **typed, **chosen}, content_type="multipart/form-data")


@pytest.mark.usefixtures("asked")
def test_an_answer_may_be_a_recording_alone_and_the_receipt_says_what_becomes_of_it(
    client: FlaskClient, unit: Unit, storage: FolderStorage, worker: Callable[..., int]
) -> None:
    answer = send(client, {"media-1": voice(2)})
    assert answer.status_code == 303
    assert "Your recording is being made ready" in client.get(answer.location).text
    with unit() as session:
        asset = session.scalars(select(MediaAsset)).one()
        assert (asset.kind, asset.shortest_ms, asset.longest_ms) == (MediaKind.VIDEO, 1000, 5000)
        consents = session.scalars(select(Consent.purpose).where(Consent.granted)).all()
        assert {"publish_site", "media_voice"} == {each.value for each in consents}
        media_id = asset.id
    worker()
    page = client.get(answer.location).text
    assert f'<audio controls preload="none" src="{answer.location.removesuffix("/")}/media/{media_id}"' in page
    assert "gwen-at-home" not in page  # P8: the file's own name is nowhere
    assert len(list(storage.names())) == 1


@pytest.mark.usefixtures("asked")
def test_what_cannot_be_used_is_told_on_the_receipt(
    client: FlaskClient, storage: FolderStorage, worker: Callable[..., int]
) -> None:
    answer = send(client, {"media-1": voice(7)})
    worker()
    page = client.get(answer.location).text
    assert "The recording could not be used" in page
    assert "longer than was asked for" in page
    assert list(storage.names()) == []


@pytest.mark.usefixtures("asked", "storage")
@pytest.mark.parametrize(("way", "mails"), [("named", ["receipt", "media_refused"]), ("anonymous", [])])
def test_who_gave_an_address_is_told_by_mail_that_a_recording_could_not_be_used(
    client: FlaskClient,
    worker: Callable[..., int],
    outbox: Callable[[], list[SentMail]],
    way: str,
    mails: list[str],
) -> None:
    """R36; P2: nobody is written to about an anonymous one."""
    nobody = {"attribution": "anonymous", "display_name": ""}
    answer = send(client, {"media-2": voice(2)}, **(nobody if way == "anonymous" else {"email": "gwen@example.org"}))
    worker()
    worker()
    sent = outbox()
    assert [mail.kind for mail in sent] == mails
    if mails:
        told = sent[1].mail
        assert told is not None
        assert (told["To"], told["Subject"]) == ("gwen@example.org", f"Your recording could not be used: {TITLE}")
        text = told.get_body(("plain",)).get_content()
        assert f"It came with your answer to question 2 of “{TITLE}”." in text
        assert "The recording is shorter than was asked for." in text
        assert answer.location in text


@pytest.mark.usefixtures("asked")
def test_the_same_form_twice_is_one_recording_and_with_another_file_another_answer(
    client: FlaskClient, unit: Unit, storage: FolderStorage
) -> None:
    """R8: a double click; and after "back" nothing that was recorded is silently dropped."""
    page = client.get(ADDRESS)
    once = voice(2)
    first = send(client, {"media-1": once}, page)
    assert send(client, {"media-1": once}, page).location == first.location
    assert len(list(storage.names())) == 1
    assert send(client, {"media-1": voice(3)}, page).location != first.location
    assert len(list(storage.names())) == 2
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(MediaAsset)) == 2


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("empty", [True, False])
def test_an_empty_and_a_too_large_file_are_refused_beside_the_words(
    client: FlaskClient, storage: FolderStorage, monkeypatch: pytest.MonkeyPatch, empty: bool
) -> None:
    """S25: what is too much is thrown away while it is received, and the words come back."""
    monkeypatch.setattr(uploads, "MEGABYTE", SMALL)
    monkeypatch.setattr(uploads, "LARGEST_FILE", 3 * SMALL)
    data = b"" if empty else bytes(4 * SMALL)
    answer = send(client, {"media-1": data}, **{"answer-1": "Ask the tenants."})
    assert answer.status_code == 422
    assert "Ask the tenants." in answer.text
    assert ("The file is empty." if empty else "The file is larger than 3 MB.") in answer.text
    assert list(storage.names()) == []


@pytest.mark.usefixtures("asked")
def test_a_gigabyte_is_refused_before_it_is_read(client: FlaskClient, storage: FolderStorage) -> None:
    """R30: by its length alone; not a byte of it is asked for."""

    class Never(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        position = 0

        def seek(self, offset: int, whence: int = 0) -> int:
            self.position = 1024**3 if whence else offset
            return self.position

        def tell(self) -> int:
            return self.position

        def readinto(self, _buffer: object) -> int:
            raise AssertionError("it was read")

    answer = client.post(
        ADDRESS,
        input_stream=Never(),
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert list(storage.names()) == []


@pytest.mark.usefixtures("asked")
def test_a_full_disk_takes_the_words_and_says_so_of_the_recording(
    client: FlaskClient, storage: FolderStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S28, R21."""
    monkeypatch.setattr(uploads, "MEGABYTE", SMALL)
    monkeypatch.setattr(storage, "reserve", 2**60)
    answer = send(client, {"media-1": bytes(3 * SMALL)}, **{"answer-1": "Ask the tenants."})
    assert answer.status_code == 503
    assert "Ask the tenants." in answer.text
    assert "We cannot take recordings at the moment." in answer.text
    assert list(storage.names()) == []


@pytest.mark.usefixtures("asked")
def test_each_question_takes_what_it_asks_for(client: FlaskClient, unit: Unit, storage: FolderStorage) -> None:
    page = client.get(ADDRESS)
    assert 'name="media-1"' in page.text
    assert 'accept="audio/*"' in page.text
    assert 'name="media-3"' not in page.text
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert "media-src 'self' blob:" in page.headers["Content-Security-Policy"]
    send(client, {"media-2": voice(2), "media-3": voice(2)})
    with unit() as session:
        assets = session.scalars(select(MediaAsset)).all()
        assert [(asset.kind, asset.state) for asset in assets] == [(MediaKind.AUDIO, MediaState.RECEIVED)]
    assert len(list(storage.names())) == 1
