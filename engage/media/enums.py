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


class TrackKind(StrEnum):
    """What stands beside a recording."""

    CAPTIONS = "captions"
    TRANSCRIPT = "transcript"
