"""A recording, decoded from its first frame to its last and encoded anew: MP4 with H.264 and AAC, or AAC alone.

Nothing of the source but what can be seen and heard gets through: no tags, chapters, subtitles, attachments, thumbnails
or positions (P8). What its header says of its length is not believed (fact 6 of the threat model); frames are.
"""

from typing import Any, BinaryIO

import av
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engage.media.enums import MediaKind, Refusal
from engage.media.making.tape import Tape

# Containers of recordings only: a playlist or a list of files would make the reader open others (S27).
FORMATS = "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,ogg,wav,mp3,aac,flac"
READING = {"format_whitelist": FORMATS, "protocol_whitelist": "file,pipe", "max_streams": "20"}
TOLERANCE_MS = 500  # frames end a little beside the second, and browsers stop a little late
CUT_OFF_MS = 2000  # so much less than the header says is a part of a recording
MOST_PIXELS = 4096 * 2304
FRAMES_A_SECOND = 125  # more than any camera gives; beyond it somebody plays with us


class RefusedError(Exception):
    """It cannot be used; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class Length:
    """How long a recording is by what was decoded: the end of its last frame, or its samples if these are more."""

    def __init__(self, longest_ms: int) -> None:
        self.most_ms = longest_ms + TOLERANCE_MS
        self.origin: float | None = None
        self.end_s = self.samples_s = 0.0
        self.pictures = 0

    @property
    def ms(self) -> int:
        """What was measured until now."""
        return round(1000 * max(self.end_s, self.samples_s))

    def note(self, frame: AudioFrame | VideoFrame) -> float | None:
        """Take a frame into account and return its time in s from the first one; None if it has none.

        Raises RefusedError as soon as it is too long, so that hours cost no more than minutes.
        """
        lasts = 0.0
        if isinstance(frame, AudioFrame):
            lasts = frame.samples / frame.sample_rate
            self.samples_s += lasts
        else:
            self.pictures += 1
            if frame.duration and frame.time_base:
                lasts = min(1.0, float(frame.duration * frame.time_base))
        begins = self._begins(frame)
        if begins is not None:
            self.end_s = max(self.end_s, begins + lasts)
        if self.ms > self.most_ms or self.pictures * 1000 > self.most_ms * FRAMES_A_SECOND:
            raise RefusedError(Refusal.TOO_LONG)
        return begins

    def _begins(self, frame: AudioFrame | VideoFrame) -> float | None:
        if frame.time is None:
            return None
        if self.origin is None:
            self.origin = frame.time
        return frame.time - self.origin


def make(source: BinaryIO, *, with_pictures: bool, shortest_ms: int, longest_ms: int) -> dict[str, Any]:
    """Write the files MADE and POSTER into the working folder and return kind, mime, duration_ms, width and height.

    Without `with_pictures` only what is heard is kept. Raises RefusedError.
    """
    length = Length(longest_ms)
    try:
        with av.open(source, "r", options=READING, metadata_errors="ignore") as given:
            header_ms = (given.duration or 0) / 1000
            tape = _copy(given, length, with_pictures=with_pictures)
    except FFmpegError as error:
        raise RefusedError(Refusal.UNREADABLE) from error
    if not tape.has_sound and not tape.has_pictures:
        raise RefusedError(Refusal.UNREADABLE)
    if header_ms and header_ms <= length.most_ms and header_ms - length.ms > CUT_OFF_MS:
        raise RefusedError(Refusal.CUT_OFF)
    if length.ms < shortest_ms - TOLERANCE_MS:
        raise RefusedError(Refusal.TOO_SHORT)
    kind = MediaKind.VIDEO if tape.has_pictures else MediaKind.AUDIO
    return {
        "kind": kind.value,
        "mime": f"{kind.value}/mp4",
        "duration_ms": length.ms,
        "width": tape.width,
        "height": tape.height,
        "poster": tape.has_poster,
    }


def _copy(given: InputContainer, length: Length, *, with_pictures: bool) -> Tape:
    """Decode every frame of the first sound and the first moving picture, and write them on a tape."""
    sound = next(iter(given.streams.audio), None)
    picture = next((s for s in given.streams.video if _moves(s)), None) if with_pictures else None
    chosen: list[Any] = [stream for stream in (sound, picture) if stream is not None]
    if not chosen:
        raise RefusedError(Refusal.UNREADABLE)
    for stream in chosen:
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = 2
    with Tape(waits_for_pictures=picture is not None, waits_for_sound=sound is not None) as tape:
        for packet in given.demux(chosen):
            for frame in _decoded(packet):
                begins = length.note(frame)
                if isinstance(frame, VideoFrame):
                    if frame.width * frame.height > MOST_PIXELS:
                        raise RefusedError(Refusal.TOO_HARD)
                    if begins is not None:
                        tape.show(frame, begins)
                else:
                    tape.sound(frame, begins)
    return tape


def _moves(stream: VideoStream) -> bool:
    """Tell a film from a cover picture."""
    return not stream.disposition & av.stream.Disposition.attached_pic


def _decoded(packet: Any) -> list[Any]:
    """Return a packet's frames; one that is damaged has none, as players do it."""
    try:
        return list(packet.decode())
    except av.error.InvalidDataError:
        return []
