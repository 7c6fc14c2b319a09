"""Captions and transcripts: what is said in a recording, written down by a person.

Whoever gave the recording may, and moderators may; nobody's machine does. A transcript is words like all others: it is
a version (rule 3), what was published waits for a moderator once its author changes them (S48), and it may be all that
is shown, where neither voice nor face is to be (rule 6).
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from engage.audit.services import record
from engage.kernel.db import db
from engage.kernel.text import clean
from engage.media.captions import read_captions, words_of_captions, write_captions
from engage.media.enums import MediaState, TrackKind
from engage.media.errors import NothingRecordedError, TextTooLongError
from engage.media.models import MediaAsset
from engage.media.services import set_track
from engage.responses.enums import HoldReason, ResponseStatus, VersionKind
from engage.responses.errors import EditedMeanwhileError, EditingClosedError
from engage.responses.models import Response, ResponseVersion
from engage.responses.records import words_taken_until
from engage.responses.services.first_state import READ_AGAIN
from engage.responses.services.moderating import latest_version, locked_response
from engage.responses.services.owning import Owner, own_sitting

LONGEST_TRANSCRIPT = 20_000  # characters: ten minutes of quick speech are half of that
WRITABLE = (MediaState.RECEIVED, MediaState.READY)


@dataclass(frozen=True)
class Written:
    """What somebody wrote down: captions as WebVTT or SRT, and what is said as plain text. Either may be empty.

    `began` is the number of the response's version that the form was filled with (R11).
    """

    captions: str
    transcript: str
    began: int | None


def write_down(owner: Owner, response_id: uuid.UUID, written: Written, *, at: datetime) -> bool:
    """Keep the captions and the transcript of one's own recording; False if they stand so already.

    What was published or refused waits for a moderator. Raises EditingClosedError once no more words are taken,
    NothingRecordedError, EditedMeanwhileError, TextTooLongError, CaptionsUnreadableError, CaptionsBeyondError,
    ReceiptNotFoundError, ResponseNotFoundError, GivenBackError.
    """
    sitting = own_sitting(owner, response_id)
    response = sitting.choose(response_id)
    until = words_taken_until(response)
    if until is None or at >= until:
        raise EditingClosedError
    if not _keep(response, written, author=None, at=at):
        return False
    if response.status in READ_AGAIN:
        response.status, response.held_for = ResponseStatus.HELD, HoldReason.EDITED
    db.session.flush()
    sitting.note("web:response:caption", f"response:{response.id}", at=at, after={"version": latest_version(response)})
    return True


def write_down_at_desk(response_id: uuid.UUID, written: Written, *, moderator: uuid.UUID, at: datetime) -> bool:
    """Do the same for anybody's recording, as a moderator; the response stays where it stands.

    Raises NothingRecordedError, EditedMeanwhileError, TextTooLongError, CaptionsUnreadableError, CaptionsBeyondError,
    ResponseNotFoundError, TakenBackError.
    """
    response = locked_response(response_id)
    if not _keep(response, written, author=moderator, at=at):
        return False
    after = {"version": latest_version(response)}
    record("web:response:caption", f"response:{response.id}", at=at, actor=moderator, after=after)
    return True


def _keep(response: Response, written: Written, *, author: uuid.UUID | None, at: datetime) -> bool:
    media = response.media
    if media is None or media.state not in WRITABLE:
        raise NothingRecordedError
    cues = read_captions(written.captions, duration_ms=media.duration_ms)
    transcript = clean(written.transcript, multiline=True)
    if len(transcript) > LONGEST_TRANSCRIPT:
        raise TextTooLongError("transcript", limit=LONGEST_TRANSCRIPT)
    captions, transcript = write_captions(cues), transcript or words_of_captions(cues)
    if (captions, transcript) == (_said(media, TrackKind.CAPTIONS), _said(media, TrackKind.TRANSCRIPT)):
        return False
    latest = latest_version(response)
    if written.began != latest:
        raise EditedMeanwhileError
    day = at.astimezone(UTC).date()
    for kind, body in ((TrackKind.CAPTIONS, captions), (TrackKind.TRANSCRIPT, transcript)):
        set_track(media, kind, body, language=response.language, day=day)
    version = {"language": response.language, "body": transcript, "author_id": author, "made_on": day}
    response.versions.append(ResponseVersion(number=latest + 1, kind=VersionKind.TRANSCRIPT, **version))
    db.session.flush()
    return True


def _said(media: MediaAsset, kind: TrackKind) -> str:
    return next((track.body for track in media.tracks if track.kind is kind), "")
