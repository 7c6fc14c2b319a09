"""Text from people, made fit for each use (S7, S9)."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.kernel.text import (
    clean,
    clean_url,
    csv_safe,
    harmless_name,
    header_safe,
    normalise_email,
    says_nothing,
    strip_markdown,
)

LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
few = settings(max_examples=60)
# Plain letters and every character that some reader takes amiss.
wild_text = st.text(
    st.one_of(st.characters(), st.sampled_from(LINE_ENDS + BIDI + "\0\t =?<>\"',;:@é😀א")), max_size=300
)


@pytest.mark.parametrize("end", ["\r\n", *LINE_ENDS])
def test_every_line_end_becomes_a_space_or_a_line_feed(end: str) -> None:
    assert clean(f"one{end}two") == "one two"
    assert clean(f"one{end}two", multiline=True) == "one\ntwo"


def test_controls_and_direction_overrides_are_dropped() -> None:
    assert clean(f"a\0b\x07c\x7fd\x9fe{BIDI}f\ud800g") == "abcdefg"


@pytest.mark.parametrize("text", ["", " \n", "\u200e\u200f\u00ad", "\u3164\u2800", "\ufe0f\u0301", "\u180e \u2063"])
def test_what_nobody_can_see_says_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", [".", "0", "é", "\u3164a", "😀", "ㅎ", "\u200fא"])
def test_whatever_can_be_seen_says_something(text: str) -> None:
    assert not says_nothing(text)


def test_white_space_becomes_one_space_and_the_ends_are_bare() -> None:
    assert clean(" \u200b\ufeff Soup \t\u00a0 and   bread \u2060 ") == "Soup and bread"
    assert clean("a\tb\n\n  c", multiline=True) == "a\tb\n\n  c"


def test_text_is_in_one_normal_form() -> None:
    assert clean("Cafe\u0301") == "Café"


def test_a_cut_tears_no_accent_and_no_joined_picture() -> None:
    assert clean("abq\u0323", limit=3) == "ab"
    assert clean("ab👩\u200d🍳", limit=4) == "ab"
    assert clean("word word", limit=5) == "word"


@few
@given(wild_text, st.booleans(), st.one_of(st.none(), st.integers(1, 80)))
def test_cleaning_is_safe_and_cleaning_twice_changes_nothing(text: str, multiline: bool, limit: int | None) -> None:
    cleaned = clean(text, multiline=multiline, limit=limit)
    assert clean(cleaned, multiline=multiline, limit=limit) == cleaned
    assert limit is None or len(cleaned) <= limit
    assert not set(cleaned) & set(LINE_ENDS[1:] + BIDI + "\0")
    assert multiline or "\n" not in cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    cleaned.encode()


@few
@given(wild_text)
def test_a_header_stays_one_line_without_encoded_words(text: str) -> None:
    safe = header_safe(text)
    assert not set(safe) & set(LINE_ENDS + "\0")
    assert "=?" not in safe
    assert "=?" not in header_safe(clean(safe))


def test_an_encoded_word_is_broken() -> None:
    assert header_safe("=?utf-8?q?x=0D=0ABcc:_evil@x?=") == "= ?utf-8?q?x=0D=0ABcc:_evil@x?="


def test_a_control_between_the_two_signs_does_not_hide_an_encoded_word() -> None:
    assert "=?" not in header_safe(clean("=\u202e?utf-8?q?x?="))
    assert "=?" not in header_safe(clean("=\0?utf-8?q?x?="))


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("Jo Öztürk", "Jo Öztürk"),
        ("Win at https://evil.example/x now", "Win at now"),
        ("write evil@example.org", "write"),
        ("evil.example", ""),
        ("J. R. Hartley", "J. R. Hartley"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_name_carries_no_link_and_no_address(typed: str, left: str) -> None:
    assert harmless_name(typed) == left


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://example.org/a b?q=é#ü", "https://example.org/a%20b?q=%C3%A9#%C3%BC"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("HTTP://Example.ORG:8080/%41", "http://example.org:8080/%41"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]/"),
        (" https://example.org \n", "https://example.org"),
    ],
)
def test_an_address_is_written_in_ascii(typed: str, address: str) -> None:
    assert clean_url(typed) == address
    assert clean_url(address) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org/",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org@evil.example/",
        "https://exa\nmple.org/",
        "https://example.org/\u2028x",
        "https://example.org/\\evil",
        'https://example.org/"x"',
        "https://example.org/<x>",
        "https://example.org:99999/",
        "https://[nowhere]/",
        "https://ex ample.org/",
        "https://example.org/" + "x" * 2000,
        "https://example.org/" + "é" * 500,
    ],
)
def test_other_addresses_are_refused(typed: str) -> None:
    assert clean_url(typed) is None


@few
@given(st.text(max_size=60))
def test_whatever_follows_the_host_no_address_breaks_a_line(path: str) -> None:
    address = clean_url("https://example.org/" + path)
    assert address is None or (address.isascii() and address.isprintable() and " " not in address)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Jo.Smith@Example.ORG\n", "jo.smith@example.org"),
        ("jo+talks@bücher.example", "jo+talks@xn--bcher-kva.example"),
        ("o'neil@example.org", "o'neil@example.org"),
    ],
)
def test_an_address_is_compared_in_lower_case(typed: str, address: str) -> None:
    assert normalise_email(typed) == address
    assert normalise_email(address) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "jo",
        "@example.org",
        "jo@",
        "jo@localhost",
        "jo@[127.0.0.1]",
        "jo@example.org, eve@example.org",
        "jo@example.org;eve@example.org",
        "Jo <jo@example.org>",
        '"jo"@example.org',
        "jo smith@example.org",
        "jo@example.org\r\nBcc: eve@example.org",
        "jo@exam\0ple.org",
        "jo@@example.org",
        "=?utf-8?q?jo?=@example.org",
        "jö@example.org",
        "x" * 65 + "@example.org",
        "jo@" + "x." * 130 + "org",
    ],
)
def test_whatever_is_not_one_plain_address_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the library words its own reasons
        normalise_email(typed)


def test_markdown_becomes_plain_text() -> None:
    md = "# Soup\n\nWe *cook* **soup**\nslowly.\n\n- leeks\n- salt\n\n3. chop\n4. boil\n\n[Book](https://example.org/b)"
    assert strip_markdown(md) == (
        "Soup\n\nWe cook soup slowly.\n\n- leeks\n- salt\n\n3. chop\n4. boil\n\nBook (https://example.org/b)"
    )


def test_plain_text_keeps_signs_that_are_no_markdown() -> None:
    assert strip_markdown("Fish & chips, 3 < 4, <b>bold</b>") == "Fish & chips, 3 < 4, <b>bold</b>"
    assert strip_markdown("<https://example.org/a>") == "https://example.org/a"
    assert strip_markdown("![A pot](https://example.org/p.png)") == "A pot"


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", " =1", "\u200b=1", "\0=1"])
def test_no_spreadsheet_takes_a_cell_for_a_formula(start: str) -> None:
    assert csv_safe(start).startswith("'")


def test_other_cells_stay_as_they_are() -> None:
    assert csv_safe("Soup = stock + time") == "Soup = stock + time"
    assert csv_safe("") == ""
