"""Closed sets."""

from enum import StrEnum


class MediaKind(StrEnum):
    """What a file is."""

    AUDIO = "audio"
    VIDEO = "video"
    IMAGE = "image"
    FILE = "file"


class MediaState(StrEnum):
    """What became of an upload. RECEIVED waits for the worker; of a REFUSED or GONE one no bytes are left."""

    RECEIVED = "received"
    READY = "ready"
    REFUSED = "refused"
    GONE = "gone"


class Refusal(StrEnum):
    """Why a recording could not be used. TOO_HARD: making it took more time or memory than we give."""

    UNREADABLE = "unreadable"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    CUT_OFF = "cut_off"
    TOO_HARD = "too_hard"


class TrackKind(StrEnum):
    """What stands beside a recording."""

    CAPTIONS = "captions"
    TRANSCRIPT = "transcript"
