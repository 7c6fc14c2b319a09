"""What a mail is made of, read back by a parser; and that no text from people adds a header or a part (S7)."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engage.kernel.text import clean, header_safe
from engage.mail.building import (
    ENCODED_LINE,
    CalendarPart,
    Mailbox,
    build_message,
    envelope_from,
    invite_message_id,
    read_envelope,
)

DATE = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
FIRST_ID = "<i-0a1b.0.invitation@mail.example.org>"
SECOND_ID = "<i-0a1b.1.moved@mail.example.org>"
ICS = "BEGIN:VCALENDAR\r\nSUMMARY:Cawl a bara ☕\r\nEND:VCALENDAR\r\n".encode()
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type"),
}
INJECTION = "=?utf-8?q?x=0D=0ABcc:_evil@x?="

hostile = st.text(
    st.one_of(st.characters(), st.sampled_from('\r\n\v\f\x85\u2028\u2029\0\u202e;:,"\\<>@()=?😀א\t ')), max_size=400
)


def build(**changes: Any) -> bytes:
    """Return a mail; `changes` replace arguments."""
    arguments: dict[str, Any] = {
        "sender": Mailbox("Tidewell Network", "events@mail.example.org"),
        "recipient": Mailbox("Cleo", "cleo@example.com"),
        "subject": "Invitation: Soup, Tue 1 Sep 10:00 (UK)",
        "text": "Hello Cleo,\n\nsoup — at ten.\n",
        "html": "<p>Hello Cleo,</p><p>soup — at ten.</p>",
        "message_id": FIRST_ID,
        "date": DATE,
    }
    return build_message(**{**arguments, **changes})


def parse(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.default)


def shape(part: EmailMessage) -> Any:
    """Return the tree of content types."""
    if part.is_multipart():
        return part.get_content_type(), [shape(child) for child in part.iter_parts()]
    return part.get_content_type()


def header_lines(data: bytes) -> list[bytes]:
    return data.partition(b"\r\n\r\n")[0].split(b"\r\n")


def header_names(data: bytes) -> list[str]:
    return [line.partition(b":")[0].decode("ascii") for line in header_lines(data) if line[:1] not in b" \t"]


def test_a_mail_without_a_calendar_has_both_texts() -> None:
    message = parse(build())
    assert shape(message) == ("multipart/alternative", ["text/plain", "text/html"])
    plain, html = message.iter_parts()
    assert plain.get_content() == "Hello Cleo,\r\n\r\nsoup — at ten.\r\n"
    assert html.get_content() == "<p>Hello Cleo,</p><p>soup — at ten.</p>\r\n"
    assert {part["Content-Transfer-Encoding"] for part in (plain, html)} == {"quoted-printable"}


def test_a_calendar_stands_last_beside_the_texts_and_again_as_a_file() -> None:
    message = parse(build(calendar=CalendarPart(ICS, "REQUEST")))
    assert shape(message) == (
        "multipart/mixed",
        [("multipart/alternative", ["text/plain", "text/html", "text/calendar"]), "application/ics"],
    )
    alternative, file = message.iter_parts()
    inline = list(alternative.iter_parts())[-1]
    assert dict(inline["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
    assert inline["Content-Transfer-Encoding"] == "base64"
    assert inline["Content-Disposition"] is None
    assert inline.get_payload(decode=True) == ICS
    assert file.get_filename() == "invite.ics"
    assert file["Content-Type"].params["name"] == "invite.ics"
    assert file["Content-Disposition"].content_disposition == "attachment"
    assert file.get_payload(decode=True) == ICS


def test_the_method_of_the_part_follows_the_calendar() -> None:
    data = build(calendar=CalendarPart(ICS, "CANCEL"))
    assert data.count(b'method="CANCEL"') == 1
    assert b"REQUEST" not in data


def test_the_headers_say_who_to_whom_and_that_a_machine_wrote() -> None:
    message = parse(build())
    assert set(message.keys()) == HEADERS
    assert message["From"] == "Tidewell Network <events@mail.example.org>"
    assert message["To"] == "Cleo <cleo@example.com>"
    assert message["Message-ID"] == FIRST_ID
    assert message["Date"].datetime == DATE
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"


def test_a_later_mail_refers_to_the_first() -> None:
    message = parse(build(message_id=SECOND_ID, in_reply_to=FIRST_ID))
    assert set(message.keys()) == HEADERS | {"In-Reply-To", "References"}
    assert message["In-Reply-To"] == FIRST_ID
    assert message["References"] == FIRST_ID


@pytest.mark.parametrize("word", ["tide ", "é ", "😀"])
def test_no_subject_begins_with_an_empty_line_or_has_longer_lines_than_allowed(word: str) -> None:
    for length in range(50, 160, 3):
        subject = (word * length)[:length].strip()
        data = build(subject=subject)
        lines = data.partition(b"Subject:")[2].partition(b"\r\nDate:")[0].split(b"\r\n")
        assert lines[0]
        assert max(len(lines[0]) + len("Subject:"), *(len(line) for line in lines)) <= 76
        assert parse(data)["Subject"] == subject


def test_long_ids_are_folded_between_and_never_encoded() -> None:
    long_ids = [f"<i-{letter * 70}.0.invitation@mail.example.org>" for letter in "abcdef"]
    data = build(message_id=SECOND_ID, in_reply_to=long_ids[0], references=long_ids)
    assert b"=?" not in data.partition(b"\r\n\r\n")[0]
    assert parse(data)["References"].split() == long_ids


def test_the_same_mail_is_the_same_bytes() -> None:
    assert build(calendar=CalendarPart(ICS, "REQUEST")) == build(calendar=CalendarPart(ICS, "REQUEST"))


def test_no_text_can_close_a_part() -> None:
    calendar = CalendarPart(ICS, "REQUEST")
    boundaries = re.findall(rb'boundary="([^"]+)"', build(calendar=calendar))
    closing = "".join(f"\r\n--{each.decode()}--\r\nContent-Type: text/html\r\n\r\nevil" for each in boundaries)
    message = parse(build(calendar=calendar, text=f"Hello{closing}", html=f"<p>{closing}</p>"))
    assert shape(message) == shape(parse(build(calendar=calendar)))
    assert "evil" in next(message.walk()).get_body(("plain",)).get_content()


def test_no_line_is_too_long_for_a_mail_server() -> None:
    data = build(text="x" * 5000 + "\n", html=f"<p>{'ŵ' * 5000}</p>", subject="w" * 5000)
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert data.count(b"\n") == data.count(b"\r\n")


@pytest.mark.parametrize(
    "address",
    [
        "cleo@example.com\r\nBcc: evil@example.org",
        "cleo@example.com, evil@example.org",
        "cleo",
        "@example.com",
        "cleo@",
        "cléo@example.com",
        "=?utf-8?q?x=0D=0ABcc:_evil@x?=@example.com",
        "a b@example.com",
        "<cleo@example.com>",
        "",
    ],
)
def test_a_recipient_that_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        build(recipient=Mailbox("Cleo", address))


@pytest.mark.parametrize("message_id", ["", "no-brackets@x", "<a@b>\r\nBcc: c@d", "<a b@c>", "<a@b> <c@d>"])
def test_a_message_id_that_is_not_one_is_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="message id"):
        build(message_id=message_id)


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        build(date=DATE.replace(tzinfo=None))


@given(title=hostile, name=hostile, organisation=hostile)
@example(title=INJECTION, name=INJECTION, organisation=INJECTION)
@example(title="==??utf-8?q?=0AX:_y?=", name="=\x00?utf-8?q?=0ABcc:_y?=", organisation="=\u202e?utf-8?b?Cg==?=")
@example(title="half a pair \ud83d", name="\udc00", organisation="\ud800 \udfff")
@example(title="😀" * 300, name="Jo, " * 60, organisation="Ŵ, " * 60)
@example(title="א\u202eב" * 100, name='"a" <evil@example.org>', organisation="x" * 400)
@example(title="x\r\nBcc: evil@example.org", name="x\nBcc: e@x", organisation="x\u2028Bcc: e@x\x85Cc: e@x")
@settings(max_examples=60)
def test_no_text_from_people_adds_a_header_or_a_recipient(title: str, name: str, organisation: str) -> None:
    data = build(
        subject=f"Invitation: {title}",
        recipient=Mailbox(name, "cleo@example.com"),
        sender=Mailbox(organisation, "events@mail.example.org"),
    )
    assert set(header_names(data)) == HEADERS
    assert len(header_names(data)) == len(HEADERS)
    assert max(len(line) for line in header_lines(data)) <= 998
    message = parse(data)
    assert [address.addr_spec for address in message["To"].addresses] == ["cleo@example.com"]
    assert [address.addr_spec for address in message["From"].addresses] == ["events@mail.example.org"]
    assert message["Subject"].startswith("Invitation:")
    assert not {"\r", "\n"} & set(message["Subject"] + message["To"] + message["From"])


@given(title=st.text(st.characters(categories=["L", "N", "So", "Zs"]), min_size=1, max_size=200))
@example(title="Cawl, bara a ‘thrafod’: " + "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch " * 3)
@settings(max_examples=40)
def test_a_title_arrives_as_it_was_written(title: str) -> None:
    plain = " ".join(title.split())
    subject = parse(build(subject=f"Invitation: {title}"))["Subject"]
    assert "".join(subject.split()) == "".join(clean(f"Invitation: {plain}", limit=250).split())


def test_an_envelope_names_the_mail_that_bounces() -> None:
    sender = envelope_from("7f3a-0b", "mail.example.org")
    assert sender == "bounce-7f3a-0b@mail.example.org"
    assert read_envelope(sender) == "7f3a-0b"
    assert read_envelope(sender.upper()) == "7F3A-0B"
    assert read_envelope("cleo@example.com") is None


@pytest.mark.parametrize("opaque", ["", "a@b", "a b", "a\r\nb", "x" * 49, "é"])
def test_an_envelope_takes_plain_ids_only(opaque: str) -> None:
    with pytest.raises(ValueError, match="id"):
        envelope_from(opaque, "mail.example.org")


def test_a_retry_has_the_same_message_id_and_another_change_another() -> None:
    first = invite_message_id("0a1b", 0, "invitation", "mail.example.org")
    assert first == FIRST_ID == invite_message_id("0a1b", 0, "invitation", "mail.example.org")
    assert invite_message_id("0a1b", 1, "moved", "mail.example.org") == SECOND_ID


@given(
    subject=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=90),
    name=st.text(st.sampled_from("Abz09 '-.!"), max_size=70),
)
@example(subject="Re: you? yes = no", name="O'Neill-Rees")
def test_plain_headers_are_those_that_the_library_writes(subject: str, name: str) -> None:
    found = build(subject=subject, recipient=Mailbox(name, "cleo@example.com")).decode("ascii", "replace")
    subject, name = header_safe(clean(subject)), parse(found.encode())["To"].addresses[0].display_name

    for header, value in (("Subject", subject), ("To", Address(name, "cleo", "example.com"))):
        by_library = SMTP.fold(header, SMTP.header_store_parse(header, value)[1])
        if len(by_library) <= ENCODED_LINE:  # a longer one we fold ourselves
            assert f"\r\n{by_library}" in f"\r\n{found}"
