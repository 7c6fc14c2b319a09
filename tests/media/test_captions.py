"""Captions in and out: WebVTT and SRT are read, times and plain words are written (P8, S1, S24)."""

import pytest

from engage.kernel.errors import EngageError
from engage.media.captions import (
    LONGEST_CAPTIONS,
    Cue,
    decode_captions,
    read_captions,
    words_of_captions,
    write_captions,
)
from engage.media.errors import (
    CaptionsBeyondError,
    CaptionsNotTextError,
    CaptionsUnreadableError,
    TextTooLongError,
)

WEBVTT = """\ufeffWEBVTT - the talk of Bob

NOTE made by Bob

STYLE
::cue { color: red }

REGION
id:bob

first
00:01.000 --> 00:04.000 align:start position:0%
<v Bob>Hello &amp; <i>welcome</i> &lt;all&gt;
of you.

01:00:07.000 --> 01:00:09.500
Again."""
SRT = "1\r\n00:00:01,000 --> 00:00:04,000\r\nHello.\r\n\r\n2\r\n00:00:04,500 --> 00:00:06,000\r\nGood day.\r\n"


def test_webvtt_is_read_without_what_names_or_dresses() -> None:
    cues = read_captions(WEBVTT, duration_ms=None)
    assert cues == (Cue(1000, 4000, "Hello & welcome <all>\nof you."), Cue(3_607_000, 3_609_500, "Again."))


def test_srt_becomes_webvtt() -> None:
    assert write_captions(read_captions(SRT, duration_ms=6000)) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nHello.\n\n00:00:04.500 --> 00:00:06.000\nGood day.\n"
    )


def test_what_was_written_is_read_as_it_was() -> None:
    cues = read_captions(WEBVTT, duration_ms=None)
    assert read_captions(write_captions(cues), duration_ms=None) == cues


def test_words_cannot_become_marks_or_times() -> None:
    """S1: what a player would take for a mark, or for the next line's times, stays words."""
    written = write_captions([Cue(0, 1000, "<b>1 --> 2</b> & so on")])
    assert written.endswith("\n&lt;b&gt;1 --&gt; 2&lt;/b&gt; &amp; so on\n")


def test_the_words_alone_read_as_text_with_a_paragraph_after_a_pause() -> None:
    cues = [Cue(0, 1000, "One\ntwo"), Cue(1500, 3000, "three."), Cue(5000, 6000, "Four.")]
    assert words_of_captions(cues) == "One two three.\nFour."


def test_cues_come_in_the_order_of_time_and_empty_ones_not_at_all() -> None:
    text = "00:05.000 --> 00:06.000\nlater\n\n00:01.000 --> 00:02.000\nsooner\n\n00:03.000 --> 00:04.000\n<i></i>"
    assert [cue.text for cue in read_captions(text, duration_ms=None)] == ["sooner", "later"]
    assert write_captions(read_captions(" \n", duration_ms=None)) == ""


def test_an_empty_line_that_was_forgotten_below_the_heading_is_no_matter() -> None:
    assert read_captions("WEBVTT\n00:01.000 --> 00:02.000\nHi", duration_ms=None) == (Cue(1000, 2000, "Hi"),)


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        ("Hello, this is no file of captions.", CaptionsUnreadableError, 1),
        ("WEBVTT\n\n00:01.000 -> 00:02.000\nHi", CaptionsUnreadableError, 4),
        ("00:02.000 --> 00:02.000\nHi", CaptionsUnreadableError, 1),
        ("00:01.000 --> 00:75.000\nHi", CaptionsUnreadableError, 1),
        ("00:01.000 --> 00:02.000\nHi\n2\n00:02.000 --> 00:03.000\nthere", CaptionsUnreadableError, 4),
        ("00:0１.000 --> 00:02.000\nHi", CaptionsUnreadableError, 1),
        ("00:01.000 --> 00:02.000\nHi\n\n00:09.000 --> 00:16.000\nthere", CaptionsBeyondError, 4),
    ],
    ids=["prose", "no arrow", "no time", "no minute", "no empty line", "wide digit", "beyond"],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, error: type[EngageError], line: int) -> None:
    with pytest.raises(error) as found:
        read_captions(text, duration_ms=10_000)
    assert found.value.values == {"line": line}


def test_more_than_a_recording_can_hold_is_refused() -> None:
    """S25."""
    with pytest.raises(TextTooLongError):
        read_captions("x" * (LONGEST_CAPTIONS + 1), duration_ms=None)


def test_a_file_is_text_in_one_of_the_unicodes() -> None:
    assert decode_captions("\ufeffWEBVTT é".encode()) == "WEBVTT é"
    assert decode_captions("WEBVTT é".encode("utf-16")) == "WEBVTT é"
    for data in ("é".encode("latin-1"), b"\x1aE\xdf\xa3\xff", b"\xff\xfeabc"):
        with pytest.raises(CaptionsNotTextError):
            decode_captions(data)
