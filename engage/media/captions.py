"""Captions as they come in, WebVTT or SRT, and as we keep them: times and plain words, nothing else (P8, S1).

WebVTT is read as W3C "WebVTT: The Web Video Text Tracks Format", section 4, has it written; SRT is what programs that
edit films write: the same with numbers and commas. Comments, styles, regions, positions, voices and other marks are
left out: they may name somebody, and change how our pages look.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engage.kernel.text import clean
from engage.media.errors import CaptionsBeyondError, CaptionsNotTextError, CaptionsUnreadableError, TextTooLongError

LONGEST_CAPTIONS = 100_000  # characters: ten minutes of quick speech, with times, are half of that
PAUSE_MS = 2000  # of silence begin a paragraph
SLACK_MS = 5000  # by which captions may outlast what they belong to
_TIME = r"(?:([0-9]{1,2}):)?([0-5]?[0-9]):([0-5][0-9])[.,]([0-9]{1,3})"
_TIMING = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?")
_MARK = re.compile(r"<[^<>\n]{0,200}>")
_NO_CUE = ("WEBVTT", "NOTE", "STYLE", "REGION")


@dataclass(frozen=True)
class Cue:
    """What is said from one moment to another, in ms; `text` may have several lines."""

    start_ms: int
    end_ms: int
    text: str


def decode_captions(data: bytes) -> str:
    """Return the text of a file: UTF-8, or UTF-16 that says so at its beginning. Raises CaptionsNotTextError."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise CaptionsNotTextError from error


def read_captions(text: str, *, duration_ms: int | None) -> tuple[Cue, ...]:
    """Return the cues of WebVTT or SRT in the order of time; none of an empty text.

    `duration_ms` is the recording's, None while it is not measured. Raises TextTooLongError (over LONGEST_CAPTIONS),
    CaptionsUnreadableError, CaptionsBeyondError.
    """
    if len(text) > LONGEST_CAPTIONS:
        raise TextTooLongError("captions", limit=LONGEST_CAPTIONS)
    cues = [cue for number, block in _blocks(clean(text, multiline=True)) if (cue := _cue(number, block, duration_ms))]
    return tuple(sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms)))


def write_captions(cues: Sequence[Cue]) -> str:
    """Return cues as WebVTT; "" for none."""
    if not cues:
        return ""
    parts = [f"{_moment(cue.start_ms)} --> {_moment(cue.end_ms)}\n{html.escape(cue.text, quote=False)}" for cue in cues]
    return "\n\n".join(["WEBVTT", *parts]) + "\n"


def words_of_captions(cues: Sequence[Cue]) -> str:
    """Return what is said, to be read by itself; a pause begins a paragraph."""
    paragraphs: list[list[str]] = []
    end = -PAUSE_MS
    for cue in cues:
        if cue.start_ms - end >= PAUSE_MS:
            paragraphs.append([])
        paragraphs[-1].append(" ".join(cue.text.split()))
        end = max(end, cue.end_ms)
    return "\n".join(" ".join(lines) for lines in paragraphs)


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give what stands between empty lines, with the number of its first line."""
    block: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip():
            block.append(line.strip())
        elif block:
            yield number - len(block), block
            block = []


def _cue(number: int, block: list[str], duration_ms: int | None) -> Cue | None:
    """Return what a block says; None for one that says nothing. `number` is that of its first line."""
    if block[0].split()[0] == "WEBVTT" and len(block) > 1 and "-->" in block[1]:
        return _cue(number + 1, block[1:], duration_ms)  # the empty line below the heading was forgotten
    if block[0].split()[0] in _NO_CUE and "-->" not in block[0]:
        return None
    place = 0 if "-->" in block[0] else 1  # a name or a number may stand before the times
    timing = _TIMING.fullmatch(block[place]) if len(block) > place else None
    if timing is None:
        raise CaptionsUnreadableError(line=number + min(place, len(block) - 1))
    start, end = _milliseconds(timing.groups()[:4]), _milliseconds(timing.groups()[4:])
    if start >= end:
        raise CaptionsUnreadableError(line=number + place)
    if duration_ms is not None and end > duration_ms + SLACK_MS:
        raise CaptionsBeyondError(line=number + place)
    if lost := [place for place, line in enumerate(block[place + 1 :], place + 1) if _TIMING.fullmatch(line)]:
        raise CaptionsUnreadableError(line=number + lost[0])
    words = clean(html.unescape(_MARK.sub("", "\n".join(block[place + 1 :]))), multiline=True)
    lines = [line.strip() for line in words.split("\n") if line.strip()]
    return Cue(start, end, "\n".join(lines)) if lines else None


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = parts
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))


def _moment(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"
