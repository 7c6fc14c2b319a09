"""Recordings made anew: measured by decoding, playable everywhere, with nothing of where they came from (S27, P8)."""

import io
import threading
import time
from contextlib import suppress
from pathlib import Path

import av
import pytest

from engage.media.enums import MediaKind, Refusal
from engage.media.making import process
from engage.media.making.process import MADE, POSTER, Made, StoppedError, UnusableError, make_again
from tests.media.makers import lying, mp4, recording, voice

SECRET = "GPS 51.4816 -3.1791 Gwen"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    folder = tmp_path / "room"
    folder.mkdir()
    return folder


def make(
    data: bytes,
    room: Path,
    *,
    kind: MediaKind = MediaKind.VIDEO,
    seconds: tuple[int, int] = (0, 120),
    **options: object,
) -> Made:
    source = room / "source"
    source.write_bytes(data)
    with source.open("rb") as file:
        return make_again(
            file,
            room,
            kind=kind,
            shortest_ms=seconds[0] * 1000,
            longest_ms=seconds[1] * 1000,
            **options,  # type: ignore[arg-type]
        )


def refusal(data: bytes, room: Path, **options: object) -> Refusal:
    with pytest.raises(UnusableError) as refused:
        make(data, room, **options)  # type: ignore[arg-type]
    return refused.value.refusal


@pytest.mark.parametrize(
    ("seconds", "expected"), [(59, Refusal.TOO_SHORT), (60, None), (120, None), (121, Refusal.TOO_LONG)]
)
def test_one_to_two_minutes_are_measured_to_the_second(seconds: int, expected: Refusal | None, room: Path) -> None:
    """R30: true lengths beside both limits, of pictures with sound."""
    data = recording(seconds)
    if expected is None:
        assert abs(make(data, room, seconds=(60, 120)).duration_ms - seconds * 1000) <= 100
    else:
        assert refusal(data, room, seconds=(60, 120)) is expected


def test_what_is_made_is_h264_and_aac_that_plays_while_it_loads(room: Path) -> None:
    made = make(recording(3), room)
    assert (made.kind, made.mime, made.poster) == (MediaKind.VIDEO, "video/mp4", True)
    data = (room / MADE).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(io.BytesIO(data)) as file:
        assert {stream.codec_context.name for stream in file.streams} == {"h264", "aac"}
        assert file.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert abs((file.duration or 0) / 1e6 - 3) < 0.2
    assert (room / POSTER).read_bytes().startswith(b"\xff\xd8\xff")


def test_nothing_of_the_source_but_sight_and_sound_gets_through(room: Path) -> None:
    """P8: titles, places and names in every header are gone; a control finds them in the source."""
    data = mp4(
        2, metadata={"title": SECRET, "artist": SECRET, "comment": SECRET, "creation_time": "2026-01-02T03:04:05"}
    )
    assert SECRET.encode() in data
    make(data, room)
    for name in (MADE, POSTER):
        made = (room / name).read_bytes()
        assert SECRET.encode() not in made
        assert b"Lavf" not in made
    with av.open(str(room / MADE)) as file:
        assert "creation_time" not in file.metadata
        assert "title" not in file.metadata


def test_a_voice_stays_a_voice(room: Path) -> None:
    made = make(voice(2), room)
    assert (made.kind, made.mime, made.poster, made.width) == (MediaKind.AUDIO, "audio/mp4", False, None)


def test_where_only_a_voice_is_asked_for_no_face_is_kept(room: Path) -> None:
    made = make(recording(2), room, kind=MediaKind.AUDIO)
    assert made.kind is MediaKind.AUDIO
    with av.open(str(room / MADE)) as file:
        assert not file.streams.video


def test_pictures_without_sound_can_be_used(room: Path) -> None:
    assert make(recording(2, sound=None), room).kind is MediaKind.VIDEO


def test_what_newer_phones_record_can_be_used(room: Path) -> None:
    assert make(mp4(2, picture="libx265", size=(320, 240)), room).kind is MediaKind.VIDEO


@pytest.mark.parametrize("claimed", [1, 100])
def test_a_header_that_lies_about_the_length_is_not_believed(claimed: int, room: Path) -> None:
    """Fact 6: three seconds are three seconds."""
    made = make(lying(mp4(3), seconds=claimed), room, seconds=(2, 4))
    assert abs(made.duration_ms - 3000) <= 150
    assert refusal(lying(mp4(6), seconds=3), room, seconds=(2, 4)) is Refusal.TOO_LONG


def test_a_browsers_recording_carries_no_length_and_is_measured(room: Path) -> None:
    data = recording(3, options={"live": "1"})
    with av.open(io.BytesIO(data)) as file:
        assert not file.duration
    assert abs(make(data, room).duration_ms - 3000) <= 100


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        bytes(5000),
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
        b"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1/</BaseURL></MPD>",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"\x1aE\xdf\xa3" + bytes(range(256)) * 40,
    ],
)
def test_what_is_no_recording_is_refused_and_leaves_nothing(data: bytes, room: Path) -> None:
    """S27: playlists and lists of files, which would make a reader open others, are not even tried."""
    assert refusal(data, room) is Refusal.UNREADABLE


def test_a_recording_that_is_cut_off_is_refused(room: Path) -> None:
    whole = recording(20, format="matroska")
    assert refusal(whole[: len(whole) // 2], room) is Refusal.CUT_OFF
    assert refusal(mp4(4)[:9000], room) is Refusal.UNREADABLE  # without its table of contents


def test_damaged_pieces_in_the_middle_never_bring_the_worker_down(room: Path) -> None:
    data = bytearray(recording(5))
    for at in range(len(data) // 3, len(data) // 2, 7):
        data[at] ^= 0x5A
    with suppress(UnusableError):
        assert make(bytes(data), room).duration_ms <= 6000


def test_a_recording_that_takes_too_long_to_make_is_given_up(room: Path) -> None:
    assert refusal(recording(30), room, longest_s=0) is Refusal.TOO_HARD


def test_a_huge_picture_is_refused(room: Path) -> None:
    assert refusal(mp4(0.4, size=(4098, 2400)), room) is Refusal.TOO_HARD


def test_the_process_ends_with_the_worker(room: Path) -> None:
    """R29: told to stop, the worker does not wait for a film."""
    stopping = threading.Event()
    stopping.set()
    data, began = recording(5), time.monotonic()
    with pytest.raises(StoppedError):
        make(data, room, stopping=stopping)
    assert time.monotonic() - began < 30  # a busy machine is slow to start a process


@pytest.fixture
def spied(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setattr(process, "SIGN_OF_LIFE_S", 0)
    return []


def test_while_it_lasts_the_worker_says_that_it_goes_on(room: Path, spied: list[int]) -> None:
    make(recording(20, size=(320, 240)), room, alive=lambda: spied.append(1))
    assert spied
