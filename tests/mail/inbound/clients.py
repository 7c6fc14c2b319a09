"""Replies as six calendars write them: how they wrap the mail, spell the attendee, and what they leave out."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from icalendar import Calendar

TYPED = 'Content-Type: text/calendar; charset="{charset}"; method={method}'


@dataclass(frozen=True)
class Answering:
    """What somebody's calendar answers to an invitation."""

    uid: str
    organizer: str
    attendee: str = "cleo@example.org"
    partstat: str = "ACCEPTED"
    sequence: int = 0
    stamp: datetime = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
    method: str = "REPLY"
    comment: str = ""
    sender: str = ""
    message_id: str = ""
    extra_headers: str = ""
    extra_lines: tuple[str, ...] = ()
    starts: str = "20270331T113000Z"

    @property
    def dtstamp(self) -> str:
        """Return when it was written, as calendars say it."""
        return f"{self.stamp:%Y%m%dT%H%M%SZ}"

    @property
    def from_addr(self) -> str:
        """Return who sends the mail."""
        return self.sender or self.attendee


def answer_to(invitation: bytes, **changes: object) -> Answering:
    """Return an answer to a real invitation, read from its calendar part as a calendar would."""
    calendar = Calendar.from_ical(invitation)
    event = calendar.walk("VEVENT")[0]
    given = Answering(
        uid=str(event["UID"]),
        organizer=str(event["ORGANIZER"]).removeprefix("mailto:"),
        attendee=str(event["ATTENDEE"]).removeprefix("mailto:"),
        sequence=int(event["SEQUENCE"]),
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def google(answer: Answering) -> bytes:
    """Google: the answer inline and as a file, the comment as a parameter, sent by a notification address."""
    words = f';X-RESPONSE-COMMENT="{answer.comment}"' if answer.comment else ""
    ics = _calendar(
        answer,
        "-//Google Inc//Google Calendar 70.9054//EN",
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={answer.partstat};CN={answer.attendee}"
        f";X-NUM-GUESTS=0{words}:mailto:{answer.attendee}",
    )
    encoded = base64.encodebytes(ics.encode()).decode().replace("\n", "\r\n")
    return _mail(
        answer,
        "Sender: Google Calendar <calendar-notification@google.com>",
        'Content-Type: multipart/mixed; boundary="outer"',
        body=(
            '--outer\r\nContent-Type: multipart/alternative; boundary="inner"\r\n\r\n'
            "--inner\r\nContent-Type: text/plain; charset=UTF-8; format=flowed; delsp=yes\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\nQ2xlbyBoYXMgYW5zd2VyZWQu\r\n"
            "--inner\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n<p>Cleo has answered.</p>\r\n"
            f"--inner\r\n{TYPED.format(charset='UTF-8', method=answer.method)}\r\n"
            f"Content-Transfer-Encoding: 7bit\r\n\r\n{ics}\r\n--inner--\r\n"
            '--outer\r\nContent-Type: application/ics; name="invite.ics"\r\n'
            'Content-Disposition: attachment; filename="invite.ics"\r\n'
            f"Content-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--outer--\r\n"
        ),
    )


def exchange(answer: Answering) -> bytes:
    """Exchange: no ORGANIZER, MAILTO in capitals, a Windows zone, everything in base64."""
    ics = _calendar(
        replace(answer, organizer=""),
        "Microsoft Exchange Server 2010",
        f"ATTENDEE;PARTSTAT={answer.partstat};CN=Cleo Sample:MAILTO:{answer.attendee.upper()}",
        before=_zone("W. Europe Standard Time"),
        starts=f"DTSTART;TZID=W. Europe Standard Time:{answer.starts.removesuffix('Z')}",
        comment="COMMENT;LANGUAGE=en-GB:{words}\\n",
    )
    encoded = base64.encodebytes(ics.encode()).decode().replace("\n", "\r\n")
    return _mail(
        answer,
        "X-MS-Has-Attach:\r\nX-MS-TNEF-Correlator:\r\nAccept-Language: en-GB",
        'Content-Type: multipart/alternative; boundary="_000_AM0PR0"',
        body=(
            '--_000_AM0PR0\r\nContent-Type: text/plain; charset="us-ascii"\r\n\r\n\r\n'
            f"--_000_AM0PR0\r\n{TYPED.format(charset='utf-8', method=answer.method)}\r\n"
            f"Content-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--_000_AM0PR0--\r\n"
        ),
    )


def outlook_com(answer: Answering) -> bytes:
    """outlook.com: quoted-printable, a zone called Customized Time Zone."""
    ics = _calendar(
        answer,
        "Microsoft CDO for Microsoft Exchange",
        f'ATTENDEE;CN="Sample, Cleo";PARTSTAT={answer.partstat};RSVP=FALSE:mailto:{answer.attendee}',
        before=_zone("Customized Time Zone"),
        starts=f"DTSTART;TZID=Customized Time Zone:{answer.starts.removesuffix('Z')}",
    )
    quoted = ics.replace("=", "=3D")
    return _mail(
        answer,
        "X-Mailer: Microsoft Outlook 16.0",
        'Content-Type: multipart/alternative; boundary="----=_NextPart_000"',
        body=(
            "------=_NextPart_000\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p></p>\r\n"
            f"------=_NextPart_000\r\n{TYPED.format(charset='utf-8', method=answer.method)}\r\n"
            f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{quoted}\r\n------=_NextPart_000--\r\n"
        ),
    )


def apple(answer: Answering) -> bytes:
    """Apple: the object as a file in a mixed mail, an EMAIL parameter, properties of its own."""
    ics = _calendar(
        answer,
        "-//Apple Inc.//macOS 15.1//EN",
        f'ATTENDEE;CN="Cleo Sample";CUTYPE=INDIVIDUAL;EMAIL="{answer.attendee}"'
        f";PARTSTAT={answer.partstat}:mailto:{answer.attendee}",
        more=("X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC",),
    )
    return _mail(
        answer,
        "X-Mailer: iCal 15.0",
        'Content-Type: multipart/mixed; boundary="Apple-Mail-1"',
        body=(
            "--Apple-Mail-1\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nCleo answered.\r\n"
            '--Apple-Mail-1\r\nContent-Type: text/calendar; charset=utf-8; name="iCal.ics"\r\n'
            "Content-Disposition: attachment; filename=iCal.ics\r\n"
            f"Content-Transfer-Encoding: 8bit\r\n\r\n{ics}\r\n--Apple-Mail-1--\r\n"
        ),
    )


def thunderbird(answer: Answering) -> bytes:
    """Thunderbird: REPLY with RSVP and the organiser's own parameters left in."""
    ics = _calendar(
        answer,
        "-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN",
        f"ATTENDEE;CN=Cleo Sample;RSVP=TRUE;PARTSTAT={answer.partstat};ROLE=REQ-PARTICIPANT"
        f";CUTYPE=INDIVIDUAL:mailto:{answer.attendee}",
    )
    encoded = base64.encodebytes(ics.encode()).decode().replace("\n", "\r\n")
    return _mail(
        answer,
        "User-Agent: Mozilla Thunderbird",
        'Content-Type: multipart/mixed; boundary="----------CALENDAR_MIXED"',
        body=(
            '------------CALENDAR_MIXED\r\nContent-Type: multipart/alternative; boundary="--ALT"\r\n\r\n'
            "----ALT\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nCleo has answered.\r\n"
            f"----ALT\r\nContent-Type: text/calendar; method={answer.method}; charset=UTF-8\r\n"
            f"Content-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n----ALT--\r\n"
            '------------CALENDAR_MIXED\r\nContent-Type: application/ics; name="invite.ics"\r\n'
            f"Content-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n------------CALENDAR_MIXED--\r\n"
        ),
    )


def nextcloud(answer: Answering) -> bytes:
    """Nextcloud: the server's own address in From, the person in Reply-To, PARTSTAT in small letters' company."""
    ics = _calendar(
        answer,
        "-//Sabre//Sabre VObject 4.5.6//EN",
        f"ATTENDEE;CN=Cleo;PARTSTAT={answer.partstat.lower()};LANGUAGE=en:Mailto:{answer.attendee}",
        more=("REQUEST-STATUS:2.0;Success",),
    )
    sender = answer.sender or f"invitations-noreply@{answer.attendee.partition('@')[2]}"
    return _mail(
        replace(answer, sender=sender),
        f"Reply-To: {answer.attendee}",
        'Content-Type: multipart/mixed; boundary="symfony"',
        body=(
            "--symfony\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nCleo answered.\r\n"
            f"--symfony\r\nContent-Type: text/calendar; method={answer.method}; charset=UTF-8; name=event.ics\r\n"
            "Content-Disposition: attachment; filename=event.ics\r\n\r\n"
            f"{ics}\r\n--symfony--\r\n"
        ),
    )


CLIENTS: dict[str, Callable[[Answering], bytes]] = {
    "google": google,
    "exchange": exchange,
    "outlook.com": outlook_com,
    "apple": apple,
    "thunderbird": thunderbird,
    "nextcloud": nextcloud,
}


def personal_mail(
    *,
    sender: str = "cleo@example.org",
    subject: str = "A question",
    text: str = "May I bring my dog?",
    headers: str = "",
) -> bytes:
    """Return a mail that a person wrote."""
    return (
        f"From: Cleo Sample <{sender}>\r\nTo: engage@example.org\r\nSubject: {subject}\r\n{headers}"
        f"Message-ID: <{abs(hash((sender, subject, text, headers)))}@mail.example.org>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


def bounce(
    *,
    recipient: str,
    returned_id: str = "<nothing@example.org>",
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "550 5.1.1 no such user",
    notice: str = "",
    returned: bytes = b"",
) -> bytes:
    """Return a delivery report as Postfix writes it (RFC 3464), with the mail that comes back or its headers alone."""
    if returned:
        back = f"Content-Type: message/rfc822\r\n\r\n{returned.decode()}"
    else:
        back = (
            "Content-Type: text/rfc822-headers\r\n\r\n"
            f"From: engage@example.org\r\nMessage-ID: {returned_id}\r\nSubject: Invitation\r\n"
        )
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.net (Mail Delivery System)\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        f"Message-ID: <{action}{status}{recipient}{returned_id.strip('<>')}@mx.example.net>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="report"\r\n\r\n'
        f"--report\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n{notice}\r\n"
        "--report\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.net\r\nArrival-Date: Tue, 1 Sep 2026 09:00:00 +0000\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nOriginal-Recipient: rfc822;{recipient}\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nRemote-MTA: dns; mx.example.net\r\n"
        f"Diagnostic-Code: smtp; {diagnostic}\r\n\r\n"
        f"--report\r\n{back}\r\n--report--\r\n"
    ).encode()


def _calendar(
    answer: Answering,
    product: str,
    attendee: str,
    *,
    before: str = "",
    starts: str = "",
    comment: str = "COMMENT:{words}",
    more: tuple[str, ...] = (),
) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        f"PRODID:{product}",
        "VERSION:2.0",
        f"METHOD:{answer.method}",
        *([before] if before else []),
        "BEGIN:VEVENT",
        starts or f"DTSTART:{answer.starts}",
        f"DTSTAMP:{answer.dtstamp}",
        *([f"ORGANIZER;CN=Engage:mailto:{answer.organizer}"] if answer.organizer else []),
        f"UID:{answer.uid}",
        attendee,
        f"SEQUENCE:{answer.sequence}",
        *([comment.format(words=answer.comment)] if answer.comment else []),
        *more,
        *answer.extra_lines,
        "SUMMARY:Three views over lunch",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(_folded(line) for line in lines) + "\r\n"


def _folded(line: str) -> str:
    return line if "\r\n" in line else "\r\n ".join(line[start : start + 70] for start in range(0, len(line), 70))


def _zone(name: str) -> str:
    """Return a zone that says seven hours off: whoever reads it moves the event."""
    return (
        f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
        "TZOFFSETFROM:+0700\r\nTZOFFSETTO:+0700\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    )


def _mail(answer: Answering, *headers: str, body: str) -> bytes:
    message_id = answer.message_id or f"<{answer.dtstamp}.{answer.partstat}.{answer.uid[:8]}@mail.example.org>"
    head = (
        f"From: Cleo Sample <{answer.from_addr}>",
        f"To: {answer.organizer or 'engage@example.org'}",
        "Subject: =?utf-8?Q?Accepted=3A_Three_views?=",
        f"Message-ID: {message_id}",
        "MIME-Version: 1.0",
        *headers,
    )
    return ("\r\n".join(head) + "\r\n" + answer.extra_headers + "\r\n" + body).encode()
