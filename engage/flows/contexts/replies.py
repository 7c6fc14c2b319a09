"""What the mails about calendars' answers need, and those that pass on a person's words."""

import uuid
from datetime import UTC, datetime
from typing import Any

from engage.calendars.objects.declining import decline_counter_ics
from engage.kernel.db import db
from engage.kernel.i18n import N_, translate
from engage.kernel.links import bookings_list_url, event_url, line_up_url, reply_url
from engage.kernel.settings import Site
from engage.kernel.text import clean, harmless_name
from engage.kernel.tokens import sign_row
from engage.kernel.when import clock_words, date_in_words, known_zone, local_time, zone_words
from engage.mail.building import CalendarPart, Mailbox
from engage.mail.enums import MessageKind
from engage.mail.inbound.answers import read_moment
from engage.mail.inbound.reading import read_inbound, read_words
from engage.mail.models import InboundMail, Message
from engage.mail.rendering import event_words

KINDS = frozenset({MessageKind.REPLY_HELD, MessageKind.REPLY_NOTE, MessageKind.COUNTER_DECLINED, MessageKind.FORWARDED})


def reply_context(message: Message, site: Site) -> dict[str, Any]:
    """Return what the templates of one of KINDS need besides what every mail has."""
    if message.kind is MessageKind.FORWARDED:
        return _forwarded(message)
    facts, event = message.facts, message.facts["event"]
    words = event_words(
        title=event["title"],
        starts_at=datetime.fromisoformat(event["starts_at"]),
        ends_at=datetime.fromisoformat(event["ends_at"]),
        timezone=event["timezone"],
        locale=message.locale,
    )
    context: dict[str, Any] = {"event": words, "links": {"event": event_url(site.base_url, event["slug"])}}
    if message.kind is MessageKind.REPLY_HELD:
        purpose, row_id, nonce = facts["links"]["reply"]
        token = sign_row(site.link_secrets, purpose, uuid.UUID(row_id), nonce)
        context["links"]["reply"] = reply_url(site.base_url, token)
        context |= {"answer": facts["answer"], "speaks": message.about_type == "appearance"}
    elif message.kind is MessageKind.REPLY_NOTE:
        speaks = message.about_type == "appearance"
        page = line_up_url if speaks else bookings_list_url
        context["links"]["list"] = page(site.base_url, event["slug"])
        context |= {
            "who": clean(facts["who"], limit=200),
            "what": facts["what"],
            "delegate": facts["delegate"],
            "proposed": _proposed(facts["proposed"], event["timezone"], message.locale),
            "words": facts["words"],
        }
    return context


def reply_to(message: Message) -> Mailbox | None:
    """Return to whom an answer goes: the author of words that were passed on."""
    row = _row(message)
    if row is None or row.from_addr is None:
        return None
    return Mailbox(_author(row), row.from_addr)


def declined_counter(message: Message, site: Site) -> CalendarPart:
    """Return the calendar part that says no to a proposed time."""
    facts, event, calendar = message.facts, message.facts["event"], message.facts["counter"]
    ics = decline_counter_ics(
        uid=calendar["uid"],
        sequence=calendar["sequence"],
        stamp=datetime.fromisoformat(calendar["stamp"]),
        starts_at=datetime.fromisoformat(event["starts_at"]),
        ends_at=datetime.fromisoformat(event["ends_at"]),
        title=event["title"],
        organizer=(calendar["organizer_addr"], site.organisation_name),
        attendee=(calendar["attendee_addr"], harmless_name(facts["name"])),
    )
    return CalendarPart(ics, "DECLINECOUNTER")


def _forwarded(message: Message) -> dict[str, Any]:
    """Read the mail that came in again; once it is wiped, the mail about it cannot be written."""
    row = _row(message)
    if row is None or row.from_addr is None:
        raise LookupError("the mail that came in was wiped")
    words = read_words(row.raw or b"")
    return {
        "who": _author(row) or row.from_addr,
        "sender": row.from_addr,
        "about": row.subject or "",
        "words": "" if message.facts["unfit"] else words.text,
        "files": words.files,
        "is_cut": words.is_cut and not message.facts["unfit"],
        "is_unread": bool(message.facts["unfit"]),
        "links": {},
    }


def _row(message: Message) -> InboundMail | None:
    return db.session.get(InboundMail, message.about_id) if message.kind is MessageKind.FORWARDED else None


def _author(row: InboundMail) -> str:
    read = read_inbound(row.raw or b"", envelope_from=None, authserv_id="")
    return harmless_name(read.headers.from_name)


def _proposed(proposed: list[str] | None, timezone: str, locale: str) -> str:
    """Return a proposed start in words, or "". Its zone counts only as a name that we know, whatever its mail says."""
    moment = read_moment(proposed[0]) if proposed else None
    if proposed is None or moment is None:
        return ""
    zone = proposed[1]
    if zone == "Z":
        moment, zone = local_time(moment.astimezone(UTC), timezone), timezone
    say = N_("{time} ({zone}) on {day}") if known_zone(zone) else N_("{time} (in their own time zone) on {day}")
    named = zone_words(zone, locale) if known_zone(zone) else ""
    return translate(say, locale, time=clock_words(moment, locale), zone=named, day=date_in_words(moment, locale))
