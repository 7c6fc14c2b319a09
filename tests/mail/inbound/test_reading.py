"""What a mail is: a bounce, a calendar's answer, an automatic answer, a person; and what cannot be read (5.2, 5.3)."""

import base64
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar.timezone import tzp

from engage.mail.enums import InboundKind
from engage.mail.inbound.answers import Answer
from engage.mail.inbound.opening import LARGEST_CALENDAR, LARGEST_MAIL
from engage.mail.inbound.reading import Inbound, read_inbound, read_words
from tests.mail.inbound.clients import CLIENTS, Answering, bounce, exchange, google, nextcloud, personal_mail

UID = "5c2f6a0e-6a7b-4d5e-9a36-0f6b7f0a1c11@example.org"
ANSWER = Answering(UID, "engage@example.org")


def read(raw: bytes, *, envelope_from: str | None = None) -> Inbound:
    return read_inbound(raw, envelope_from=envelope_from, authserv_id="mx.example.org")


def answer_in(raw: bytes) -> Answer:
    found = read(raw)
    assert found.answer is not None, found
    return found.answer


@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "DECLINED"])
@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_is_read_from_what_each_calendar_writes(client: str, partstat: str) -> None:
    stamp = datetime(2026, 9, 2, 10, 11, 12, tzinfo=UTC)
    written = Answering(UID, "engage@example.org", partstat=partstat, sequence=3, stamp=stamp, comment="See you")

    read_back = answer_in(CLIENTS[client](written))

    assert (read_back.method, read_back.uid, read_back.sequence, read_back.stamp) == ("REPLY", UID, 3, stamp)
    assert [(each.address, each.partstat) for each in read_back.answerers] == [("cleo@example.org", partstat)]
    assert read_back.comment == "See you"


def test_a_hostile_zone_in_a_reply_says_nothing_to_the_next_file() -> None:
    for _ in range(2):
        answer_in(exchange(ANSWER))

    assert tzp.timezone("Customized Time Zone") is None
    assert tzp.timezone("W. Europe Standard Time").utcoffset(datetime(2027, 1, 1)) is not None  # noqa: DTZ001
    assert str(tzp.timezone("W. Europe Standard Time").utcoffset(datetime(2027, 1, 1))) == "1:00:00"  # noqa: DTZ001


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH", "ADD", "DECLINECOUNTER", ""])
def test_what_only_an_organiser_sends_is_no_answer_and_its_words_are_a_persons(method: str) -> None:
    assert read(google(Answering(UID, "engage@example.org", method=method))).kind is InboundKind.PERSON


def test_the_method_in_the_object_counts_not_that_of_the_part() -> None:
    raw = nextcloud(ANSWER).replace(b"method=REPLY", b"method=REQUEST")

    assert answer_in(raw).method == "REPLY"


@pytest.mark.parametrize(
    ("what", "there"),
    [
        (b"UID:", b"X-NO-UID:"),
        (b"Mailto:cleo@example.org", b"Mailto:cleo at example.org"),
        (b"END:VEVENT", b"END:VTODO"),
        (b"BEGIN:VEVENT", b"BEGIN:VTODO"),
    ],
)
def test_a_faulty_object_is_no_answer(what: bytes, there: bytes) -> None:
    assert read(nextcloud(ANSWER).replace(what, there)).kind is InboundKind.PERSON


def test_a_calendar_part_over_its_limit_is_not_read() -> None:
    filling = tuple(f"X-NOTHING:{'x' * 60}" for _ in range(LARGEST_CALENDAR // 60))

    assert read(exchange(Answering(UID, "engage@example.org", extra_lines=filling))).kind is InboundKind.PERSON


def test_a_broken_sequence_is_none_and_a_broken_stamp_unknown() -> None:
    raw = nextcloud(ANSWER).replace(b"SEQUENCE:0", b"SEQUENCE:-9").replace(b"DTSTAMP:2026", b"DTSTAMP:9926xx")

    assert (answer_in(raw).sequence, answer_in(raw).stamp) == (0, None)


def test_a_comment_is_read_unescaped_and_clean() -> None:
    raw = nextcloud(Answering(UID, "engage@example.org", comment="Sorry\\, ill\\n\u202eBcc: x\x07"))

    assert answer_in(raw).comment == "Sorry, ill\nBcc: x"


def test_a_bounce_is_known_by_what_it_says_even_if_it_holds_a_calendar() -> None:
    found = read(bounce(recipient="cleo@example.org", returned_id="<i-1.0.invitation@example.org>"))

    assert found.kind is InboundKind.BOUNCE
    assert found.report is not None
    assert found.report.returned_id == "<i-1.0.invitation@example.org>"
    assert [(each.addresses, each.is_permanent, each.reason) for each in found.report.failures] == [
        (("cleo@example.org",), True, "550 5.1.1 no such user")
    ]


def test_a_report_in_a_mail_that_must_not_be_answered_is_a_bounce() -> None:
    raw = bounce(recipient="cleo@example.org").replace(
        b"multipart/report; report-type=delivery-status", b"multipart/mixed"
    )

    assert read(raw).kind is InboundKind.BOUNCE
    assert read(raw.replace(b"Return-Path: <>\r\n", b"")).kind is InboundKind.AUTOMATIC
    assert read(raw, envelope_from="").kind is InboundKind.BOUNCE


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied\r\n",
        "Auto-Submitted: auto-generated (vacation)\r\n",
        "Precedence: bulk\r\n",
        "Precedence: junk\r\n",
        "Precedence: auto_reply\r\n",
        "Return-Path: <>\r\n",
        "Received: from a by b\r\n" * 51,
    ],
)
def test_an_automatic_mail_is_known_by_its_headers(header: str) -> None:
    assert read(personal_mail(headers=header)).kind is InboundKind.AUTOMATIC


@pytest.mark.parametrize(
    "header", ["", "Auto-Submitted: no\r\n", "X-Auto-Response-Suppress: All\r\n", "Precedence: normal\r\n"]
)
def test_other_headers_are_no_sign_of_an_automatic_mail(header: str) -> None:
    assert read(personal_mail(headers=header)).kind is InboundKind.PERSON


def test_an_automatic_answer_with_a_calendars_answer_is_that_answer() -> None:
    assert read(google(Answering(UID, "e@example.org", extra_headers="Auto-Submitted: auto-replied\r\n"))).answer


@pytest.mark.parametrize(
    ("value", "failed"),
    [
        ("mx.example.org; dmarc=fail (p=reject) header.from=example.org", True),
        ("mx.example.org 1; spf=pass; dmarc=FAIL", True),
        ("MX.example.org; spf=fail; dmarc=pass", False),
        ("mx.example.org; dmarc=pass (dmarc=fail)", False),
        ("evil.example; dmarc=fail", False),
        ("mx.example.org.evil.example; dmarc=fail", False),
        ("", False),
    ],
)
def test_only_our_own_mail_server_says_that_a_sender_is_forged(value: str, failed: bool) -> None:
    raw = personal_mail(headers=f"Authentication-Results: {value}\r\n")

    assert read(raw).headers.dmarc_failed is failed


@pytest.mark.parametrize("value", ["a@example.org, b@example.org", "a@example.org)b@evil.example", "nobody", ""])
def test_a_from_that_is_not_one_address_is_nobodys(value: str) -> None:
    raw = personal_mail().replace(b"From: Cleo Sample <cleo@example.org>", f"From: {value}".encode())

    assert read(raw).headers.from_addr is None


def test_a_subject_with_a_hidden_header_stays_one_line() -> None:
    subject = read(personal_mail(subject="=?utf-8?q?x=0D=0ABcc:_evil@example.net?=")).headers.subject

    assert subject == "x Bcc: evil@example.net"


def nested(levels: int) -> bytes:
    heads = [f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(levels)]
    return ("From: cleo@example.org\r\n" + "".join(heads) + "\r\nhello").encode()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (personal_mail(text="x" * LARGEST_MAIL), "too large"),
        (nested(7), "too deep"),
        (nested(5000), "too many parts"),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 30, "too many parts"),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\r" * 90_000, "too many parts"),
        (b"Content-Type: multipart/mixed; boundary*0=b\r\n\r\n" + b"--b\r\n\r\n" * 90_000, "too many parts"),
        (b"Content-Type: text/plain" + b"; a*0=b" * 90_000 + b"\r\n\r\nx", "too many headers"),
        (b"X: y\r\n" * 90_000 + b"\r\nx", "too many headers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mail_beyond_the_limits_is_refused_before_it_is_parsed(raw: bytes, reason: str) -> None:
    found = read(raw)

    assert (found.kind, found.unfit) == (InboundKind.REFUSED, reason)


def test_of_a_mail_that_is_too_large_who_wrote_is_known_all_the_same() -> None:
    found = read(personal_mail(subject="Photos", text="x" * LARGEST_MAIL))

    assert (found.headers.from_addr, found.headers.subject) == ("cleo@example.org", "Photos")


def test_the_same_mail_by_another_way_is_the_same_and_another_mail_is_not() -> None:
    first = personal_mail()
    by_another_way = b"Received: from a by b\r\nX-Spam: no\r\n" + first

    assert read(first).digest == read(by_another_way).digest
    assert read(first).digest != read(first.replace(b"dog", b"cat")).digest
    assert read(first).digest != read(first.replace(b"A question", b"Another one")).digest


def test_a_persons_words_are_plain_text_and_files_are_counted() -> None:
    picture = base64.b64encode(b"\x89PNG" * 9).decode()
    raw = (
        "From: cleo@example.org\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"
        "--m\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        "<p>Is there <b>step-free</b> access?<br>Cleo</p><script>alert(1)</script>\r\n"
        '--m\r\nContent-Type: image/png; name="a.png"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        f"{picture}\r\n--m\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nfile\r\n--m--\r\n"
    )

    words = read_words(raw.encode())

    assert words.text.split("\n")[:2] == ["Is there step-free access?", "Cleo"]
    assert "alert" not in words.text
    assert words.files == 2


def test_long_words_are_cut_and_say_so() -> None:
    words = read_words(personal_mail(text="word " * 10_000))

    assert (len(words.text) <= 20_000, words.is_cut) == (True, True)


@pytest.mark.parametrize("piece", ["<div>", "<!--", "<style>", "<style></style", "<a '", "<", "&#"])
def test_reading_markup_costs_as_much_as_it_is_long_however_deep_it_is(piece: str) -> None:
    """Ten times the markup, about ten times the work: a tree of it would cost a hundred times as much."""

    def seconds(length: int) -> float:
        body = piece * (length // len(piece))
        raw = personal_mail(text=body).replace(b"text/plain", b"text/html")
        began = time.process_time()
        read_words(raw)
        return time.process_time() - began

    few, many = (min(seconds(length) for _ in range(3)) for length in (60_000, 600_000))
    assert many < 40 * few + 0.05


def test_what_a_reader_of_html_does_not_see_is_no_word_of_it() -> None:
    markup = (
        "<head><title>Mail</title><STYLE>p {}</STYLE><!--[if mso]><b>no</b><![endif]--></head>"
        "<body><p>1 &lt; 2 &amp; 3 < 4<br/>Cleo</p>"
    )
    raw = personal_mail(text=markup).replace(b"text/plain", b"text/html")

    assert read_words(raw).text == "1 < 2 & 3 < 4\nCleo"


@pytest.mark.parametrize(
    "charset", ["punycode", "zlib", "unicode_escape", "idna", "hex", "nothing", "utf-16", "cp1252"]
)
def test_a_charset_that_is_none_of_mail_is_read_as_utf8(charset: str) -> None:
    raw = personal_mail(text="Grüße " * 100_000).replace(b"charset=utf-8", f"charset={charset}".encode())

    assert read_words(raw).text


HEADS = st.sampled_from(
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
        b"Content-Type: message/delivery-status\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: text/calendar; method=REPLY; charset=%\r\n",
        b"Content-Type: ;;;=\r\n",
        b"Content-Type: text/plain; charset*=x'y'%ff\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Disposition: attachment; filename*0*=x'y'%zz\r\n",
        b'From: "<(a@b.cc>\r\n',
        b"From: =?x?q?=00?= <a@b.cc>\r\n",
        b"Subject: =?utf-8?b?====?=\r\n",
        b"Return-Path: <>\r\n",
        b"Authentication-Results: (((; dmarc=fail\r\n",
        b"Message-ID: <\x00@\xff>\r\n",
        b"\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b'BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:x\r\nATTENDEE;PARTSTAT="DECLINED:mailto:a@b.cc\r\n',
        b"ATTENDEE:mailto:a@b.cc\r\nSEQUENCE:\xd9\xa3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"Final-Recipient: rfc822;;\r\nStatus: 5.x\r\nAction: \xff\r\n\r\n",
    ]
)


@given(st.lists(st.one_of(HEADS, st.binary(max_size=40)), max_size=25))
def test_no_broken_mail_makes_the_reading_fail(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)

    assert read(raw).kind in InboundKind
    assert read_words(raw).files >= 0


@given(st.sampled_from(sorted(CLIENTS)), st.integers(0, 3000), st.binary(min_size=1, max_size=6), st.integers(0, 8))
def test_no_reply_that_was_broken_on_the_way_makes_the_reading_fail(
    client: str, where: int, what: bytes, gone: int
) -> None:
    raw = CLIENTS[client](ANSWER)
    broken = raw[:where] + what + raw[where + gone :]

    found = read(broken)

    assert found.kind in InboundKind
    assert (
        all(each.address.isascii() and "\x00" not in found.answer.uid for each in found.answer.answerers)
        if found.answer
        else True
    )
