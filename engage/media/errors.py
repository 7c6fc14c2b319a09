"""Refusals."""

from engage.kernel.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from engage.kernel.i18n import N_


class MediaNotFoundError(NotFoundError):
    """No recording has this id, it is not ready, or it is not the asker's to see: all answer alike (S21)."""

    message = N_("We could not find that recording.")


class MediaEmptyError(InvalidError):
    """A file without a byte."""

    message = N_("The file is empty. Choose another one, or record again. Your words are still on this page.")


class MediaTooLargeError(InvalidError):
    """More bytes than we take for one recording."""

    message = N_(
        "The file is larger than {limit} MB. Record it again here, or choose a smaller one."
        " Your words are still on this page."
    )


class MediaNotTakenError(InvalidError):
    """A recording for a question that takes none."""

    message = N_("This question takes no recording. Your words are still on this page.")


class MediaNotKeptError(InvalidError):
    """A recording of a form that was refused, which could not lie ready for the next attempt."""

    message = N_("The recording could not be kept with this page. Choose it again, or record it again.")


class MediaNoLongerKeptError(InvalidError):
    """A recording that lay ready for a form was sent with another one, or its day is over."""

    message = N_(
        "The recording that was kept with this page is not there any more: it was sent already, or its day is over."
        " Choose it again, record it again, or send your words without it."
    )


class StorageFullError(UnavailableError):
    """What is left of the disk is kept for everything else (S28)."""

    message = N_(
        "We cannot take recordings at the moment. Nothing was stored: your words are still on this page."
        " Send them without the recording, or try again tomorrow."
    )


class StorageAwayError(UnavailableError):
    """The store of recordings does not answer, or not as it should (R21)."""

    message = N_("Recordings cannot be reached at the moment. Please try again in a few minutes.")


class StorageNotTakingError(StorageAwayError):
    """The same, while something was to be stored."""

    message = N_(
        "We cannot take recordings at the moment. Nothing was stored: your words are still on this page."
        " Send them without the recording, or try again in a few minutes."
    )


class CaptionsUnreadableError(InvalidError):
    """Neither WebVTT nor SRT."""

    message = N_(
        "Line {line} could not be read. Captions are WebVTT or SRT: a line with times like 00:01.000 --> 00:04.000,"
        " then what is said, then an empty line."
    )
    field = "captions"


class CaptionsBeyondError(InvalidError):
    """Captions of something longer."""

    message = N_("Line {line} comes after the end of the recording. These may be the captions of another one.")
    field = "captions"


class CaptionsNotTextError(InvalidError):
    """A file that is no text."""

    message = N_("The file could not be read as text. Choose a WebVTT or SRT file, saved as UTF-8.")
    field = "captions_file"


class NothingRecordedError(ConflictError):
    """Words for a recording that is not there, or could not be used."""

    message = N_("There is no recording to write beside: nothing was recorded, or it could not be used.")


class TextTooLongError(InvalidError):
    """More words than a recording of a few minutes can hold."""

    message = N_("This is longer than {limit} characters. Shorten it and send it again.")
