"""An invitation as it leaves: mail and calendar agree about who writes, to whom, and what it means."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import html5lib
import icalendar
import pytest

from engage.calendars.objects.invitation import Method, invitation_ics
from engage.mail.building import CalendarPart, Mailbox, build_message
from engage.mail.enums import MessageKind
from engage.mail.rendering import TEMPLATES, event_words, render
from tests.calendars.makers import invitation_facts

FACTS = invitation_facts(reason="The kitchen is closed.")
HOSTILE = "Fish & \"chips\" <b>'1'</b> &amp;"
# Kinds that have their words; `test_rendering` holds the folders against what is proven of them.
ACCOUNTS = {MessageKind.CONFIRM_ADDRESS, MessageKind.HAS_ACCOUNT, MessageKind.NEW_PASSWORD}
ABOUT_NO_EVENT = {MessageKind.FEED_LINK, MessageKind.MAIL_TEST} | ACCOUNTS
WRITTEN = [kind for kind in MessageKind if (TEMPLATES / kind.value).is_dir()]
LONG_WORDS = ["a" * 300, "😀" * 300, "שלום, " * 60, "é" * 300, "Jö, " * 80]


def invitation(method: Method = "REQUEST", title: str = FACTS.title) -> bytes:
    return build_message(
        sender=Mailbox(title, FACTS.organizer_addr),
        recipient=Mailbox(title, FACTS.attendee_addr),
        subject=f"Invitation: {title}",
        text="Guten Abend.\n",
        html="<p>Guten Abend.</p>\n",
        message_id="<i-0f6b.0.invitation@invites.example.org>",
        date=FACTS.stamp,
        calendar=CalendarPart(invitation_ics(FACTS, method), method),
    )


def parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert not [defect for part in message.walk() for defect in part.defects]
    return message


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_mail_and_calendar_agree(method: Method) -> None:
    message = parsed(invitation(method))
    *_, inline, attached = message.walk()
    ics = inline.get_payload(decode=True)
    assert ics == attached.get_payload(decode=True) == invitation_ics(FACTS, method)
    assert ics.count(b"\n") == ics.count(b"\r\n") > 30
    calendar = icalendar.Calendar.from_ical(ics)
    (event,) = calendar.events
    assert str(calendar["METHOD"]) == inline["Content-Type"].params["method"] == method
    assert [f"mailto:{one.addr_spec}" for one in message["From"].addresses] == [str(event["ORGANIZER"])]
    assert [f"mailto:{one.addr_spec}" for one in message["To"].addresses] == [str(event["ATTENDEE"])]
    for name in ("Cc", "Bcc", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post"):
        assert message[name] is None


@pytest.mark.parametrize("title", LONG_WORDS)
def test_encoded_words_keep_to_their_length(title: str) -> None:
    head = invitation(title=title).partition(b"\r\n\r\n")[0]
    words = re.findall(rb"=\?utf-8\?[bq]\?[^?]*\?=", head, re.IGNORECASE)
    assert words
    assert max(len(word) for word in words) <= 75
    assert max(len(line) for line in head.split(b"\r\n") if b"=?" in line) <= 76
    assert parsed(invitation(title=title))["Subject"].startswith(f"Invitation: {title[:20]}")


def _context(**changes: Any) -> dict[str, Any]:
    start = datetime(2027, 7, 15, 16, tzinfo=UTC)
    times = {"starts_at": start, "ends_at": start + timedelta(hours=1), "timezone": "Europe/Berlin"}
    was = (start - timedelta(hours=1), start, "Europe/Berlin")
    links = dict.fromkeys(
        (
            *("privacy", "join", "manage", "cancel", "accept", "leave", "event", "receipt", "unsubscribe", "draft"),
            *("comments", "own_words", "list", "notices", "line_up", "reply", "page", "thread"),
            *("feed", "google", "outlook", "office365", "webcal"),
            *("confirm", "sign_in", "reset", "password", "queue"),
        ),
        "https://e.example/x?a=1&b=2",
    )
    event = event_words(title=HOSTILE, was=was, **times)  # type: ignore[arg-type]
    counts = {"bookings": 1, "cancelled": 0, "waiting": 0, "taken": 1, "capacity": 1}
    return {
        "organisation_name": "Kochschule",
        "contact_email": "help@example.org",
        "greeting_name": "Jo",
        "links": links,
        "event": event,
        "capacity": 1,
        "collections": [{"title": HOSTILE, "waiting": 2, "flagged": 1, "link": "https://e.example/queue?a=1&b=2"}],
        "events": [{"event": event, "links": links, **counts}],
        "speakers": [HOSTILE],
        "provided": [HOSTILE],
        "summary": HOSTILE,
        "answered": "",
        "questions": [{"number": 2, "text": HOSTILE, "url": "https://e.example/questions/2"}],
        "changes": [HOSTILE],
        "promoted": False,
        "moved": False,
        "ahead": 1,
        "places": 1,
        "brought_by": "",
        "guest_name": "",
        "until_words": "2pm",
        "recording_url": "",
        "comments_until": "",
        "reason": HOSTILE,
        "handed_over": False,
        "kind": "answer",
        "about_title": HOSTILE,
        "number": 2,
        "answers": [{"number": None, "question": "", "paragraphs": [HOSTILE], "day": "31 March 2027"}],
        "action": "refuse",
        "note": "",
        "closes_words": "Monday 1 March 2027",
        "count": 2,
        "speaker": "Ben Okri",
        "answer": "accepted",
        "chairs": True,
        "tentative": True,
        "confirmed": False,
        "elsewhere": True,
        "others": [HOSTILE],
        "words": HOSTILE,
        "who": "Cleo",
        "what": "counter",
        "delegate": "",
        "proposed": "",
        "about": HOSTILE,
        "sender": "cleo@example.org",
        "files": 1,
        "is_cut": False,
        "is_unread": False,
        "is_test": False,
        "letter_subject": HOSTILE,
        "paragraphs": [[[{"words": HOSTILE, "address": ""}]]],
        "segment": "booked",
        "purpose": "bookings",
        "surely_missed": False,
        **changes,
    }


@pytest.mark.parametrize("kind", WRITTEN)
def test_plain_text_shows_signs_as_they_were_typed(kind: MessageKind) -> None:
    mail = render(kind.value, _context())
    assert (HOSTILE in mail.subject) is (kind not in ABOUT_NO_EVENT)
    assert (HOSTILE in mail.text) is (kind not in ABOUT_NO_EVENT)
    assert not re.search(r"&(?:lt|gt|quot|nbsp|#\d+);", mail.subject + mail.text)


@pytest.mark.parametrize("kind", WRITTEN)
def test_the_style_stands_on_the_elements_and_hostile_titles_are_text(kind: MessageKind) -> None:
    page = html5lib.parse(render(kind.value, _context()).html, namespaceHTMLElements=False)
    # For mail programs that drop style elements.
    for name in ("organisation", "head", "foot"):
        assert [one.get("style") for one in page.iter() if name == one.get("class")] != [None]
    assert not list(page.iter("b"))
    assert page.find("head/title").text.count(HOSTILE) == (kind not in ABOUT_NO_EVENT)


@pytest.mark.parametrize("kind", WRITTEN)
def test_nothing_that_may_be_empty_stops_a_mail(kind: MessageKind) -> None:
    nothing = {"speakers": [], "provided": [], "questions": [], "changes": [], "summary": ""}
    mail = render(kind.value, _context(**nothing, reason="", greeting_name="", contact_email=""))
    assert mail.text.startswith("Hello,\n")
    assert "mailto:" not in mail.html
