"""Writing down what is said in a recording: one page for its sender, by receipt or signed in, and for moderators."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response
from flask_babel import lazy_gettext as _l
from wtforms import FileField, HiddenField

from engage.edge import limits
from engage.edge.answers import see_other, show
from engage.edge.forms import EngageForm, PublicForm, SignedInForm, text_field
from engage.edge.uploads import uploaded
from engage.kernel.errors import EngageError
from engage.kernel.unit_of_work import unit_of_work
from engage.media.captions import LONGEST_CAPTIONS, decode_captions
from engage.media.errors import NothingRecordedError, TextTooLongError
from engage.media.queries import captions_of
from engage.responses.errors import EditedMeanwhileError, GivenBackError
from engage.responses.records import ResponseRecord
from engage.responses.services.captioning import LONGEST_TRANSCRIPT, Written
from engage.web.own_words import number_typed
from engage.web.refusals import form_again

MOST_BYTES = 4 * LONGEST_CAPTIONS


class _Said:
    """What is said, as text and with times; a file takes the place of what is typed."""

    transcript = text_field(_l("What is said, from beginning to end"), limit=LONGEST_TRANSCRIPT, multiline=True)
    captions_file = FileField(_l("A file of captions"))
    captions = text_field(_l("The captions, with their times"), limit=LONGEST_CAPTIONS, multiline=True)
    began = HiddenField()


class CaptionsByReceiptForm(_Said, PublicForm):
    """Written down by whoever has the receipt."""


class CaptionsForm(_Said, SignedInForm):
    """Written down by a member or a moderator."""


@dataclass(frozen=True)
class Writing:
    """Who writes down, and where: `read` gives the response as it is, `keep` stores, `play` is where it can be heard.

    `back` is the page that leads here, by name and address; `done` is where one is led, changed or not.
    """

    read: Callable[[], ResponseRecord]
    keep: Callable[[Written], bool]
    play: Callable[[uuid.UUID], str]
    back: tuple[str, str]
    done: Callable[[bool], Response]
    here: str = ""
    by_receipt: bool = False
    at_desk: bool = False


def write_down_words(writing: Writing, *, is_post: bool) -> Response:
    """Show the recording with what is written down of it, and take that anew.

    Raises GivenBackError, NothingRecordedError.
    """
    form = CaptionsByReceiptForm() if writing.by_receipt else CaptionsForm()
    record, media_id = _recorded(writing)

    def page(status: int, *, theirs: str | None = None) -> Response:
        values = {"form": form, "record": record, "writing": writing, "address": writing.play(media_id)}
        return show("public/responses/captions.html", status=status, theirs=theirs, **values)

    if not is_post:
        _fill(form, record, media_id)
        return page(200)
    if not form.validate():
        return page(422)
    try:
        limits.check("respond")
        _take_file(form)
        with unit_of_work():
            changed = writing.keep(
                Written(form.captions.data or "", form.transcript.data or "", number_typed(form.began.data))
            )
    except EditedMeanwhileError as error:
        record, media_id = _recorded(writing)
        form.began.data = str(record.version)
        theirs = record.recording.transcript if record.recording else ""
        return form_again(error, form, lambda status: page(status, theirs=theirs))
    except EngageError as error:
        return form_again(error, form, page)
    return writing.done(changed)


def led_to(address: str, words: str) -> Callable[[bool], Response]:
    """Return how one is led to a page that says what was done, or that nothing was."""
    return lambda changed: see_other(f"{address}?result={words if changed else 'unchanged'}")


def _recorded(writing: Writing) -> tuple[ResponseRecord, uuid.UUID]:
    record = writing.read()
    if not record.can_be_withdrawn:
        raise GivenBackError
    if record.recording is None or not record.recording.takes_words:
        raise NothingRecordedError
    return record, record.recording.id


def _fill(form: Any, record: ResponseRecord, media_id: uuid.UUID) -> None:
    form.transcript.data = record.recording.transcript if record.recording else ""
    form.captions.data = captions_of(media_id)
    form.began.data = str(record.version)
    if isinstance(form, PublicForm):
        form.renew_key()


def _take_file(form: EngageForm) -> None:
    """Read a file that was chosen into the form, where its author can mend a line of it.

    Raises TextTooLongError, CaptionsNotTextError.
    """
    file = uploaded("captions_file")
    if file is None:
        return
    file.stream.seek(0)
    data = file.stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TextTooLongError("captions_file", limit=LONGEST_CAPTIONS)
    form["captions"].data = decode_captions(data)
