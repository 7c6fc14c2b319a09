"""Recordings as people and attackers send them, made by the library that reads them."""

import io
import math
import struct
from fractions import Fraction
from functools import cache
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

RATE = 16_000
PICTURES = 5  # a second


def recording(
    seconds: float,
    *,
    format: str = "webm",
    sound: str | None = "libopus",
    picture: str | None = "libvpx",
    size: tuple[int, int] = (64, 48),
    metadata: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
) -> bytes:
    """Return a tone and a colour that changes, both so many seconds long."""
    file = io.BytesIO()
    with av.open(file, "w", format=format, options=options or {}) as out:
        out.metadata.update(metadata or {})
        video: Any = None
        if picture:
            video = out.add_stream(picture, rate=PICTURES)
            video.width, video.height, video.pix_fmt = *size, "yuv420p"
            video.metadata.update(metadata or {})
        audio: Any = out.add_stream(sound, rate=_rate(sound), layout="mono") if sound else None
        for second in range(math.ceil(seconds)):
            part = min(1.0, seconds - second)
            if video:
                for number in range(round(part * PICTURES)):
                    out.mux(video.encode(_picture(second * PICTURES + number, size)))
            if audio:
                out.mux(audio.encode(_tone(second, part, audio.rate)))
        for stream in filter(None, (video, audio)):
            out.mux(stream.encode(None))
    return file.getvalue()


def voice(seconds: float, **options: Any) -> bytes:
    """Return a recording with sound alone."""
    return recording(seconds, picture=None, **options)


def mp4(seconds: float, **options: Any) -> bytes:
    """Return what a phone sends."""
    return recording(seconds, **{"format": "mp4", "sound": "aac", "picture": "libx264", **options})


def lying(data: bytes, *, seconds: float) -> bytes:
    """Return an MP4 whose movie header claims another length; every frame stays."""
    at = data.index(b"mvhd")
    scale = struct.unpack(">I", data[at + 16 : at + 20])[0]
    return data[: at + 20] + struct.pack(">I", round(scale * seconds)) + data[at + 24 :]


def _rate(sound: str) -> int:
    return 48_000 if sound == "libopus" else RATE


def _picture(number: int, size: tuple[int, int]) -> VideoFrame:
    frame = VideoFrame(*size, "yuv420p")
    for plane, level in zip(frame.planes, (number * 7 % 256, 90, 160), strict=True):
        plane.update(bytes([level]) * plane.buffer_size)
    frame.pts, frame.time_base = number, Fraction(1, PICTURES)
    return frame


@cache
def _wave(rate: int) -> bytes:
    return struct.pack(f"{rate}f", *(0.3 * math.sin(n * 2 * math.pi * 220 / rate) for n in range(rate)))


def _tone(second: int, part: float, rate: int) -> AudioFrame:
    samples = round(rate * part)
    frame = AudioFrame(format="flt", layout="mono", samples=samples)
    wave = _wave(rate)[: samples * 4]
    frame.planes[0].update(wave + bytes(frame.planes[0].buffer_size - len(wave)))
    frame.sample_rate, frame.pts, frame.time_base = rate, second * rate, Fraction(1, rate)
    return frame
