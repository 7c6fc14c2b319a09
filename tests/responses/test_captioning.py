"""Writing down what is said in a recording: by its sender and by moderators (rule 3, rule 6, S48)."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from engage.audit.models import AuditEntry
from engage.kernel import clock as real_clock
from engage.kernel.errors import EngageError
from engage.kernel.settings import Site
from engage.media.enums import MediaKind, Refusal
from engage.media.errors import CaptionsBeyondError, CaptionsUnreadableError, NothingRecordedError, TextTooLongError
from engage.media.making.process import Made
from engage.media.models import MediaTrack
from engage.media.services import keep_made, refuse
from engage.media.storage import storage_at
from engage.responses.enums import HoldReason, ModerationAction, Purpose, ResponseStatus, VersionKind
from engage.responses.errors import EditedMeanwhileError, EditingClosedError, GivenBackError, ResponseNotFoundError
from engage.responses.models import Response, ResponseVersion
from engage.responses.queries import get_shown
from engage.responses.services import Answer, Owner, decide, withdraw
from engage.responses.services.captioning import Written, write_down, write_down_at_desk
from engage.responses.services.senders import Naming
from tests.factories import make_person
from tests.responses.makers import ANONYMOUS, EVERY_USE, NAMED, answer, open_consultation

Unit = Callable[[], AbstractContextManager[Session]]
CAPTIONS = "1\n00:00:01,000 --> 00:00:04,000\nThe buses <b>stopped</b>.\n"
AS_KEPT = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nThe buses stopped.\n"


@dataclass(frozen=True)
class Recorded:
    """An answer by voice that is ready to be played, and a moderator."""

    code: str
    id: UUID
    media_id: UUID
    moderator: UUID

    @property
    def owner(self) -> Owner:
        """Whoever holds the receipt."""
        return Owner(code=self.code)


@pytest.fixture
def recorded(clock: time_machine.Traveller, unit: Unit, site: Site) -> Callable[..., Recorded]:
    def record(*, naming: Naming = NAMED, consents: frozenset[Purpose] = EVERY_USE, ready: bool = True) -> Recorded:
        at, storage = real_clock.now(), storage_at(site.media_url)
        with unit() as session:
            kept = storage.keep(io.BytesIO(b"as it was sent"), at=at)
            code = answer(
                open_consultation(), site=site, answers={1: Answer(recording=kept)}, naming=naming, consents=consents
            )
            response = session.scalars(select(Response)).one()
            assert response.media is not None
            if ready:
                made = Made(MediaKind.AUDIO, "audio/mp4", 10_000, None, None, poster=False)
                keep_made(response.media.id, made, storage.keep(io.BytesIO(b"made"), at=at), None, at=at)
            return Recorded(code, response.id, response.media.id, make_person("mo@example.org", "moderator").id)

    return record


def publish(unit: Unit, it: Recorded) -> None:
    with unit():
        decide(it.id, action=ModerationAction.PUBLISH, moderator=it.moderator, at=real_clock.now())


def tracks(unit: Unit) -> dict[str, str]:
    with unit() as session:
        return {track.kind.value: track.body for track in session.scalars(select(MediaTrack))}


def test_its_sender_hands_in_captions_whose_words_are_the_transcript_too(
    unit: Unit, recorded: Callable[..., Recorded]
) -> None:
    it = recorded()
    with unit():
        assert write_down(it.owner, it.id, Written(CAPTIONS, "", 0), at=real_clock.now())
    assert tracks(unit) == {"captions": AS_KEPT, "transcript": "The buses stopped."}
    with unit():
        again = Written(AS_KEPT, "The buses stopped.", 0)
        assert not write_down(it.owner, it.id, again, at=real_clock.now())  # it says so already


def test_each_text_is_a_version_with_who_wrote_it(unit: Unit, recorded: Callable[..., Recorded]) -> None:
    """Rule 3: its sender's own knows nobody."""
    it = recorded()
    with unit():
        write_down(it.owner, it.id, Written("", "The busses stopped.", 0), at=real_clock.now())
    with unit():
        fixed = Written("", "The buses stopped.", 1)
        write_down_at_desk(it.id, fixed, moderator=it.moderator, at=real_clock.now())
    with unit() as session:
        versions = session.scalars(select(ResponseVersion).order_by(ResponseVersion.number)).all()
        assert [(each.kind, each.body, each.author_id) for each in versions] == [
            (VersionKind.TRANSCRIPT, "The busses stopped.", None),
            (VersionKind.TRANSCRIPT, "The buses stopped.", it.moderator),
        ]


@pytest.mark.parametrize("by_sender", [True, False])
def test_what_was_published_waits_when_its_sender_writes_and_stays_when_a_moderator_does(
    unit: Unit, recorded: Callable[..., Recorded], by_sender: bool
) -> None:
    """S48."""
    it = recorded()
    publish(unit, it)
    with unit() as session:
        written = Written("", "The buses stopped.", 0)
        if by_sender:
            write_down(it.owner, it.id, written, at=real_clock.now())
        else:
            write_down_at_desk(it.id, written, moderator=it.moderator, at=real_clock.now())
        response = session.get_one(Response, it.id)
        stands = (response.status, response.held_for)
    assert stands == ((ResponseStatus.HELD, HoldReason.EDITED) if by_sender else (ResponseStatus.PUBLISHED, None))


def test_a_moderator_does_not_publish_what_was_written_down_unread(
    unit: Unit, recorded: Callable[..., Recorded]
) -> None:
    """R11: the page that a moderator decided on showed no transcript."""
    it = recorded()
    with unit():
        write_down(it.owner, it.id, Written("", "My neighbour Huw lies.", 0), at=real_clock.now())
    with unit(), pytest.raises(EditedMeanwhileError):
        write_down_at_desk(it.id, Written("", "", 0), moderator=it.moderator, at=real_clock.now())


def test_the_transcript_alone_is_shown_without_consent_to_the_voice(
    unit: Unit, recorded: Callable[..., Recorded]
) -> None:
    """Rule 6: and without a transcript it is known that there is a recording, and no more."""
    it = recorded(consents=EVERY_USE - {Purpose.MEDIA_VOICE})
    publish(unit, it)
    with unit():
        shown = get_shown(it.id).recording
        assert shown is not None
        assert (shown.is_playable, shown.transcript) == (False, "")
        write_down_at_desk(it.id, Written("", "The buses stopped.", 0), moderator=it.moderator, at=real_clock.now())
        shown = get_shown(it.id).recording
        assert shown is not None
        assert (shown.is_playable, shown.transcript) == (False, "The buses stopped.")


def test_both_texts_are_taken_away_by_empty_ones_and_go_with_the_recording(
    unit: Unit, recorded: Callable[..., Recorded]
) -> None:
    """P13."""
    it = recorded()
    for version, (captions, transcript) in enumerate([(CAPTIONS, "x"), ("", ""), (CAPTIONS, "")]):
        with unit():
            write_down(it.owner, it.id, Written(captions, transcript, version), at=real_clock.now())
        assert bool(tracks(unit)) is bool(captions)
    with unit():
        withdraw(it.code, at=real_clock.now())
    assert tracks(unit) == {}


def test_of_an_anonymous_recording_nothing_says_who_wrote_or_when(
    unit: Unit, recorded: Callable[..., Recorded]
) -> None:
    """P2, P4, S36: the collection and the day."""
    it = recorded(naming=ANONYMOUS)
    with unit():
        write_down(it.owner, it.id, Written(CAPTIONS, "", 0), at=real_clock.now())
    with unit() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "web:response:caption")).one()
        assert (entry.actor, entry.request_id, entry.at.hour) == (None, None, 0)
        assert str(it.id) not in str((entry.object, entry.before, entry.after))


@pytest.mark.parametrize(
    ("written", "error"),
    [
        (Written("no captions", "", 0), CaptionsUnreadableError),
        (Written("00:01.000 --> 00:16.000\nx", "", 0), CaptionsBeyondError),
        (Written("", "x" * 20_001, 0), TextTooLongError),
        (Written("", "Words.", None), EditedMeanwhileError),
        (Written("", "Words.", 3), EditedMeanwhileError),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_stored(
    unit: Unit, recorded: Callable[..., Recorded], written: Written, error: type[EngageError]
) -> None:
    it = recorded()
    with pytest.raises(error), unit():
        write_down(it.owner, it.id, written, at=real_clock.now())
    with pytest.raises(error), unit():
        write_down_at_desk(it.id, written, moderator=it.moderator, at=real_clock.now())
    assert tracks(unit) == {}


def test_it_is_written_while_words_are_taken_and_a_recording_is_there(
    unit: Unit, recorded: Callable[..., Recorded], clock: time_machine.Traveller
) -> None:
    written = Written("", "Words.", 0)
    it = recorded(ready=False)
    with unit(), pytest.raises(ResponseNotFoundError):
        write_down(it.owner, UUID(int=5), written, at=real_clock.now())
    with unit():
        late = real_clock.now() + timedelta(days=30)
        with pytest.raises(EditingClosedError):
            write_down(it.owner, it.id, written, at=late)
    with unit():
        refuse(it.media_id, Refusal.TOO_LONG, at=real_clock.now())
    with unit(), pytest.raises(NothingRecordedError):
        write_down(it.owner, it.id, written, at=real_clock.now())
    with unit():
        withdraw(it.code, at=real_clock.now())
    with unit(), pytest.raises(GivenBackError):
        write_down(it.owner, it.id, written, at=real_clock.now())
