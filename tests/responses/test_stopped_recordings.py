"""Words taken out are not heard in the recording instead, and whoever sent them reads why."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.models import Message
from engage.media.enums import MediaKind, MediaState, Refusal, TrackKind
from engage.media.errors import MediaNotFoundError
from engage.media.models import MediaAsset, MediaTrack
from engage.media.services import refuse
from engage.responses.enums import IdentityBasis, ModerationAction, Purpose, ReasonCode
from engage.responses.errors import (
    NotHeardYetError,
    NothingTakenOutError,
    NothingToShowError,
    RedactionEmptyError,
)
from engage.responses.models import Consent, ModerationDecision, ResponseVersion
from engage.responses.queries import PublicResponse, responses_to_question
from engage.responses.recordings import get_public_media
from engage.responses.records import get_receipt
from engage.responses.services import Owner, Sender, edit
from engage.responses.services.moderating import Verdict, decide_and_tell
from engage.responses.spam.arrivals import Arrival
from tests.factories import make_person
from tests.responses.makers import answer, open_consultation, responses_of

pytestmark = pytest.mark.usefixtures("clock")
Unit = Callable[[], AbstractContextManager[Session]]
WORDS = "My landlord Bob Smith never answers. We need a register."
LEFT = "My landlord [a name] never answers. We need a register."
GWEN = Sender(IdentityBasis.GUEST, name="Gwen", email="gwen@example.org")
NAMES = ReasonCode.NAMES_SOMEBODY


class Film:
    """An answer with a film and its transcript, and a moderator."""

    def __init__(self, site: Site, *, words: str = WORDS, sender: Sender = GWEN) -> None:
        self.site = site
        self.mo = make_person("mo@example.org", "moderator")
        self.question_id = (consultation := open_consultation()).questions[0].id
        self.code = answer(consultation, site=site, answers={1: words or WORDS}, sender=sender)
        [self.response] = responses_of(self.code)
        if not words:
            self.response.body = ""
        day = real_clock.now().date()
        track = MediaTrack(kind=TrackKind.TRANSCRIPT, language="en", body="Bob Smith says no.", made_on=day)
        self.response.media = MediaAsset(
            kind=MediaKind.AUDIO, state=MediaState.READY, storage_key="k", size=9, received_on=day, tracks=[track]
        )
        voice = Consent(
            purpose=Purpose.MEDIA_VOICE,
            granted=True,
            notice_id=self.response.consents[0].notice_id,
            wording_shown="My voice may be heard.",
            language="en",
            given_at=real_clock.now(),
        )
        self.response.consents.append(voice)
        db.session.flush()

    def decide(self, action: ModerationAction, **other: Any) -> bool:
        verdict = Verdict(action, **other)
        return decide_and_tell(self.response.id, verdict, moderator=self.mo.id, site=self.site, at=real_clock.now())

    @property
    def said(self) -> PublicResponse:
        db.session.expire_all()
        [said] = responses_to_question(self.question_id).items
        return said

    def is_played(self) -> bool:
        assert self.response.media_id is not None
        try:
            get_public_media(self.response.media_id)
        except MediaNotFoundError:
            assert self.said.recording is None  # nor is its transcript to be read
            return False
        assert self.said.recording is not None
        return self.said.recording.is_playable


def test_a_redaction_stops_the_recording_with_its_transcript_and_restoring_plays_it(unit: Unit, site: Site) -> None:
    with unit():
        film = Film(site)
        film.decide(ModerationAction.PUBLISH)
        assert film.is_played()

        film.decide(ModerationAction.REDACT, body=LEFT, reason=NAMES)

        assert not film.is_played()
        assert (film.said.is_redacted, film.said.is_stopped, film.said.body) == (True, True, LEFT)
        film.decide(ModerationAction.RESTORE)
        assert film.is_played()
        assert (film.said.is_redacted, film.said.is_stopped, film.said.body) == (False, False, WORDS)


def test_an_edit_of_the_words_does_not_play_what_a_moderator_stopped(unit: Unit, site: Site) -> None:
    with unit():
        film = Film(site)
        film.decide(ModerationAction.REDACT, body=LEFT, reason=NAMES)
        how: dict[str, Any] = {"began": 1, "arrival": Arrival(), "site": site, "at": real_clock.now()}
        edit(Owner(code=film.code), film.response.id, body="We need a register.", **how)
        film.decide(ModerationAction.PUBLISH)

        assert (film.said.body, film.is_played()) == ("We need a register.", False)
        film.decide(ModerationAction.RESTORE)
        assert film.is_played()


def test_the_recording_alone_can_be_taken_out_once(unit: Unit, site: Site) -> None:
    with unit():
        film = Film(site)
        assert film.decide(ModerationAction.REDACT, body=WORDS, reason=NAMES)
        film.decide(ModerationAction.REDACT, body=WORDS, reason=NAMES)

        assert not film.is_played()
        assert (film.said.body, film.said.is_redacted, film.said.is_stopped) == (WORDS, False, True)
        assert len(db.session.scalars(select(ModerationDecision)).all()) == 1
        assert db.session.scalars(select(ResponseVersion)).all() == []
        [mail] = db.session.scalars(select(Message).where(Message.kind == MessageKind.DECISION))
        assert mail.facts["taken_out"] == "recording"


def test_a_recording_without_words_is_refused_not_shortened_and_words_without_one_lose_something(
    unit: Unit, site: Site
) -> None:
    with unit():
        film = Film(site, words="")
        with pytest.raises(RedactionEmptyError):
            film.decide(ModerationAction.REDACT, body="", reason=NAMES)
        film.response.media, film.response.body = None, WORDS
        db.session.flush()
        with pytest.raises(NothingTakenOutError):
            film.decide(ModerationAction.REDACT, body=WORDS, reason=NAMES)


@pytest.mark.parametrize(
    ("left", "taken_out", "sentence"),
    [
        (LEFT, "both", "A moderator took some of your words out, and the recording with them."),
        (WORDS, "recording", "A moderator took the recording out."),
    ],
    ids=["both", "recording"],
)
def test_a_receipt_says_what_was_taken_out_and_why(
    unit: Unit, site: Site, client: FlaskClient, left: str, taken_out: str, sentence: str
) -> None:
    """Rule 10."""
    with unit():
        film = Film(site)
        assert film.decide(ModerationAction.REDACT, body=left, reason=NAMES, note="Bob Smith has not agreed.")
        [record] = get_receipt(film.code).responses
        assert (record.reason, record.note, record.is_stopped) == (NAMES, "Bob Smith has not agreed.", True)
        [mail] = db.session.scalars(select(Message).where(Message.kind == MessageKind.DECISION))
        assert mail.facts["taken_out"] == taken_out
        code = film.code

    page = client.get(f"/receipts/{code}/").text
    for words in (sentence, "Names somebody who has not agreed to it", "Bob Smith has not agreed."):
        assert words in page


def test_a_receipt_no_longer_speaks_of_a_redaction_that_was_undone(unit: Unit, site: Site, client: FlaskClient) -> None:
    with unit():
        film = Film(site)
        film.decide(ModerationAction.REDACT, body=LEFT, reason=NAMES)
        film.decide(ModerationAction.RESTORE)
        [record] = get_receipt(film.code).responses
        assert (record.reason, record.is_redacted, record.is_stopped, record.body) == (None, False, False, WORDS)
        code = film.code

    page = client.get(f"/receipts/{code}/").text
    assert "Shown in part" not in page
    assert "Names somebody" not in page


def test_nobody_publishes_a_recording_that_cannot_have_been_heard(unit: Unit, site: Site) -> None:
    """S48: while it is made ready its words can be published alone, and itself once it is ready."""
    with unit():
        film = Film(site)
        assert film.response.media is not None
        film.response.media.state = MediaState.RECEIVED
        with pytest.raises(NotHeardYetError):
            film.decide(ModerationAction.PUBLISH)
        film.decide(ModerationAction.REDACT, body=WORDS, reason=NAMES)
        film.response.media.state = MediaState.READY
        assert not film.is_played()
        film.decide(ModerationAction.RESTORE)
        film.decide(ModerationAction.PUBLISH)
        assert film.is_played()


@pytest.mark.parametrize("words", [WORDS, ""])
def test_an_answer_that_came_without_a_usable_word_is_not_published(unit: Unit, site: Site, words: str) -> None:
    with unit():
        film = Film(site, words=words)
        assert film.response.media is not None
        film.response.media.state = MediaState.RECEIVED
        db.session.flush()
        refuse(film.response.media.id, Refusal.TOO_SHORT, at=real_clock.now())
        if words:
            film.decide(ModerationAction.PUBLISH)
            assert film.said.body == WORDS
        else:
            with pytest.raises(NothingToShowError):
                film.decide(ModerationAction.PUBLISH)
