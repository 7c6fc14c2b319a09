"""From the frozen facts of a message to the bytes of a mail: links signed, line-up read, rendered."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from engage.bookings.guest_queries import GUEST, names_around_guest
from engage.bookings.mails import ABOUT_GUEST, Addressee
from engage.bookings.presence import is_known_to_have_missed
from engage.calendars.enums import InviteKind, InviteState, PartStat
from engage.calendars.models import CalendarInvite
from engage.calendars.objects.invitation import InvitationFacts, invitation_ics
from engage.events.appearances import SPEAK
from engage.events.enums import EventStatus
from engage.events.models import Event
from engage.events.queries import event_pass, get_event_by_id, line_up
from engage.flows.contexts import accounts, replies
from engage.flows.contexts.answers import answers_context, copy_context
from engage.flows.contexts.feed_link import feed_link_context
from engage.flows.contexts.letters import letter_context
from engage.flows.contexts.moderation import decision_context, to_read_context
from engage.flows.contexts.receipts import receipt_context
from engage.flows.contexts.recordings import media_refused_context
from engage.flows.contexts.replied import replied_context
from engage.flows.contexts.speaking import SPEAKER_TEMPLATES, answered_context, chairs, speaker_context
from engage.flows.contexts.surroundings import Surroundings
from engage.flows.speaking import ABOUT as SPEAKING
from engage.kernel.i18n import N_, translate
from engage.kernel.links import (
    accept_offer_url,
    answers_copy_url,
    booking_url,
    bookings_list_url,
    cancel_booking_url,
    comments_url,
    event_url,
    guest_cannot_come_url,
    guest_stop_url,
    guest_url,
    join_url,
    leave_list_url,
    notices_url,
    privacy_url,
    receipt_url,
    speaker_join_url,
    speaker_url,
    unsubscribe_url,
)
from engage.kernel.settings import Site
from engage.kernel.text import harmless_name
from engage.kernel.tokens import mailed_proof, receipt_code, sign_row
from engage.kernel.when import clock_words, date_in_words, local_time, zone_words
from engage.mail.building import CalendarPart, Mailbox, build_message
from engage.mail.enums import OPTIONAL, PLANNED, MessageKind
from engage.mail.models import Message
from engage.mail.rendering import RenderedMail, event_words, render

# Templates of what is said in another way than by the kind of the mail.
LIST_OF_LINKS = "your_bookings"  # about several bookings
REMOVED = "removed"  # an organiser ended it, not the person
CHANGES = {
    "title": N_("It is now called “{value}”."),
    "summary": N_("What it is about: {value}"),
}
TAKEN_OUT = {"summary": N_("It has no short description any more.")}

# What mails that are not about an event or a booking need besides: a line for each kind.
ABOUT_NO_EVENT: dict[MessageKind, Callable[[Message, Site], dict[str, Any]]] = {
    **dict.fromkeys(accounts.KINDS, accounts.account_context),
    MessageKind.MAIL_TEST: lambda message, site: {},
    MessageKind.FEED_LINK: feed_link_context,
    MessageKind.RECEIPT: receipt_context,
    MessageKind.DECISION: decision_context,
    MessageKind.MODERATION_DIGEST: to_read_context,
    MessageKind.ANSWERS_COPY: copy_context,
    MessageKind.DRAFT_LINK: answers_context,
    MessageKind.DRAFT_REMINDER: answers_context,
    MessageKind.REPLIED: replied_context,
    MessageKind.MEDIA_REFUSED: media_refused_context,
}


@dataclass(frozen=True)
class ComposedMail:
    """A mail that can be sent."""

    subject: str
    data: bytes


def compose(message: Message, *, site: Site, around: Surroundings | None = None) -> ComposedMail:
    """Return the mail of a message. The caller keeps the bytes: every attempt sends the same ones.

    `around` is shared by mails that are composed together.
    Raises whatever the facts deserve (KeyError, ValueError, jinja2.UndefinedError): that one mail has failed.
    """
    facts = message.facts
    context = _context(message, site, around or Surroundings(site))
    rendered = render(_template_of(message), context, message.locale)
    calendar = facts.get("calendar") or facts.get("counter")
    data = build_message(
        sender=Mailbox(site.organisation_name, calendar["organizer_addr"] if calendar else site.mail_from),
        recipient=Mailbox(harmless_name(facts.get("name", "")), message.to_addr),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=message.message_id,
        date=message.created_at,
        calendar=None if calendar is None else _calendar_part(message, context, site),
        in_reply_to=message.in_reply_to,
        reply_to=replies.reply_to(message),
        unsubscribe_url=context["links"].get("unsubscribe") or None if message.kind in OPTIONAL else None,
    )
    return ComposedMail(rendered.subject, data)


def preview(message: Message, *, site: Site) -> tuple[RenderedMail, CalendarPart | None]:
    """Return the three texts of a mail that is only looked at, and its calendar entry if it has one."""
    context = _context(message, site, Surroundings(site))
    rendered = render(_template_of(message), context, message.locale)
    return rendered, _calendar_part(message, context, site) if "calendar" in message.facts else None


def invite_file(invite: CalendarInvite, recipient: Addressee, event: Event, *, site: Site) -> bytes:
    """Return somebody's calendar entry as it is now, for whom the mail did not reach: the same UID."""
    cancelled = invite.state is not InviteState.LIVE
    links = _private_links({"links": recipient.links()}, site)
    facts = InvitationFacts(
        uid=invite.uid,
        sequence=invite.sequence,
        stamp=max(event.updated_at, invite.created_at),
        created=invite.created_at,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        timezone=event.timezone,
        title=event.title,
        summary=event.summary,
        organizer_name=site.organisation_name,
        organizer_addr=invite.organizer_addr,
        attendee_name=harmless_name(recipient.name),
        attendee_addr=invite.attendee_addr,
        event_url=event_url(site.base_url, event.slug) if event.is_public() else "",
        join_url=links["join"],
        manage_url=links["manage"],
        speakers=tuple(entry.line for entry in line_up(event.id)),
        contact_email=site.contact_email,
        reason=event.cancel_reason or "",
        kind=invite.kind,
        for_guest=recipient.about[0] == ABOUT_GUEST,
        chairs=chairs(invite.appearance_id),
        partstat=invite.partstat,
        reads_replies=site.reads_mail,
        tentative=event.status is EventStatus.DRAFT,
        locale=recipient.locale,
    )
    return invitation_ics(facts, "CANCEL" if cancelled else "REQUEST")


def _template_of(message: Message) -> str:
    if "bookings" in message.facts:
        return LIST_OF_LINKS
    if message.about_type == SPEAKING:
        return SPEAKER_TEMPLATES.get(message.kind, message.kind.value)
    return REMOVED if "removed" in message.facts else message.kind.value


def _context(message: Message, site: Site, around: Surroundings) -> dict[str, Any]:
    facts = message.facts
    context: dict[str, Any] = {
        "organisation_name": site.organisation_name,
        "contact_email": site.contact_email,
        "reads_mail": site.reads_mail,
        "greeting_name": facts.get("name", ""),
        "links": {"privacy": privacy_url(site.base_url), **_private_links(facts, site)},
    }
    if message.kind in ABOUT_NO_EVENT:
        return _joined(context, ABOUT_NO_EVENT[message.kind](message, site))
    if message.kind is MessageKind.BOOKING_DIGEST:
        context["events"] = [_digest_words(each, message.locale, site) for each in facts["events"]]
        return context
    if "bookings" in facts:
        context["bookings"] = [
            {
                "event": _event_words(each, message.locale),
                "links": _private_links(each, site),
                "status": each["status"],
                "until_words": _until_words(each, message.locale),
            }
            for each in facts["bookings"]
        ]
        return context
    if message.kind in replies.KINDS:
        return _joined(context, replies.reply_context(message, site))
    event = facts["event"]
    if message.kind in (MessageKind.EVENT_FULL, MessageKind.FIRST_WAITING):
        context |= {"event": _event_words(facts, message.locale), "capacity": facts["capacity"]}
        context["links"] |= _desk_links(event["slug"], site)
        return context
    if message.kind in (MessageKind.SPEAKER_ANSWERED, MessageKind.LETTER):
        context["event"] = _event_words(facts, message.locale)
        if message.kind is MessageKind.LETTER:
            more = letter_context(message, context, site)
        else:
            more = answered_context(message, site)
        return _joined(context, more)
    event_id = uuid.UUID(event["id"])
    context["links"]["event"] = event_url(site.base_url, event["slug"])
    context["event"] = _event_words(facts, message.locale)
    context["handed_over"] = facts.get("handed_over", False)
    context["elsewhere"] = facts.get("elsewhere", False)
    context |= {"reason": facts.get("reason", ""), "summary": event["summary"]}
    context |= {"speaks": facts.get("speaks", False)}
    context |= {"waited": "calendar" not in facts and not context["speaks"], "message": facts.get("message", "")}
    context["places"] = facts.get("places", 1)
    context |= _around_guest(message)
    context |= {"promoted": facts.get("promoted", False), "moved": facts.get("moved", False)}
    if message.about_type == SPEAKING:
        context = _joined(context, speaker_context(message))
    context |= {"ahead": facts.get("ahead", 0), "until_words": _until_words(facts, message.locale)}
    context["changes"] = [
        translate(
            CHANGES[name] if event[name] else TAKEN_OUT.get(name, CHANGES[name]), message.locale, value=event[name]
        )
        for name in facts.get("changed", [])
        if name in CHANGES
    ]
    context |= around.context(event_id, message.locale)
    if message.kind in PLANNED:
        context |= _afterwards(event_id, message, context["links"], site)
    return context


def _joined(context: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return a context with what a kind of mail needs besides; its links stand beside those of every mail."""
    return {**context, **more, "links": {**context["links"], **more.get("links", {})}}


def _digest_words(facts: dict[str, Any], locale: str, site: Site) -> dict[str, Any]:
    """Return what a digest says of one event: counts and links."""
    counts = {name: facts[name] for name in ("bookings", "cancelled", "waiting", "taken", "capacity")}
    return {"event": _event_words(facts, locale), "links": _desk_links(facts["event"]["slug"], site), **counts}


def _desk_links(slug: str, site: Site) -> dict[str, str]:
    return {"list": bookings_list_url(site.base_url, slug), "notices": notices_url(site.base_url, slug)}


def _afterwards(event_id: uuid.UUID, message: Message, links: dict[str, str], site: Site) -> dict[str, Any]:
    """Return what reminders and follow-up say besides: the recording and until when comments are open.

    The link to the comment form is the event's own, the same in everybody's mail (P10).
    """
    event = get_event_by_id(event_id)
    at = message.created_at
    links["comments"] = comments_url(site.base_url, event.slug, event_pass(event, site))
    closing = local_time(event.comments_close_at(), event.timezone)
    return {
        "recording_url": event.recording_url or "",
        "surely_missed": is_known_to_have_missed(message.about_type, message.about_id),
        "comments_until": date_in_words(closing, message.locale) if event.takes_comments(at) else "",
    }


def _event_words(facts: dict[str, Any], locale: str) -> dict[str, str]:
    event = facts["event"]
    return event_words(
        title=event["title"],
        starts_at=datetime.fromisoformat(event["starts_at"]),
        ends_at=datetime.fromisoformat(event["ends_at"]),
        timezone=event["timezone"],
        locale=locale,
        was=_old_times(facts),
    )


def _private_links(facts: dict[str, Any], site: Site) -> dict[str, str]:
    """Sign the links whose seeds the facts hold."""
    links = {}
    for name, (purpose, row_id, nonce) in facts.get("links", {}).items():
        token = sign_row(site.link_secrets, purpose, uuid.UUID(row_id), nonce)
        if purpose == SPEAK:
            url = speaker_join_url if name == "join" else speaker_url
            links[name] = url(site.base_url, token)
        elif name == "manage" and purpose == GUEST:
            links["manage"] = guest_url(site.base_url, token)
            links["cancel"] = guest_cannot_come_url(site.base_url, token)
            links["stop"] = guest_stop_url(site.base_url, token)
        elif name == "manage":
            links["manage"] = booking_url(site.base_url, token)
            links["cancel"] = cancel_booking_url(site.base_url, token)
            links["accept"] = accept_offer_url(site.base_url, token)
            links["leave"] = leave_list_url(site.base_url, token)
        elif name == "unsubscribe":
            links["unsubscribe"] = unsubscribe_url(site.base_url, token)
        elif name == "join":
            links["join"] = join_url(site.base_url, token)
    if "receipt_key" in facts:
        code = receipt_code(site.link_secrets, facts["receipt_key"])
        links["receipt"] = receipt_url(site.base_url, code)
        links["own_words"] = answers_copy_url(site.base_url, code, mailed_proof(site.link_secrets, code))
    return links


def _around_guest(message: Message) -> dict[str, str]:
    """Return who brings a guest whom a mail goes to, or the guest whom a mail tells of; without an address each."""
    if message.about_type == ABOUT_GUEST:
        return {"brought_by": harmless_name(names_around_guest(message.about_id)[1]), "guest_name": ""}
    if "guest_id" in message.facts:
        name = names_around_guest(uuid.UUID(message.facts["guest_id"]))[0]
        return {"brought_by": "", "guest_name": harmless_name(name)}
    return {"brought_by": "", "guest_name": ""}


def _until_words(facts: dict[str, Any], locale: str) -> str:
    """Return until when a place is kept for somebody, or ""."""
    if "offer_expires_at" not in facts:
        return ""
    zone_name = facts["event"]["timezone"]
    local = local_time(datetime.fromisoformat(facts["offer_expires_at"]), zone_name)
    return translate(
        N_("{time} ({zone}) on {day}"),
        locale,
        time=clock_words(local, locale),
        zone=zone_words(zone_name, locale),
        day=date_in_words(local, locale),
    )


def _old_times(facts: dict[str, Any]) -> tuple[datetime, datetime, str] | None:
    if "old_starts_at" not in facts:
        return None
    return (
        datetime.fromisoformat(facts["old_starts_at"]),
        datetime.fromisoformat(facts["old_ends_at"]),
        facts["old_timezone"],
    )


def _calendar_part(message: Message, context: dict[str, Any], site: Site) -> CalendarPart:
    facts, event = message.facts, message.facts["event"]
    if "counter" in facts:
        return replies.declined_counter(message, site)
    calendar = facts["calendar"]
    method: Literal["REQUEST", "CANCEL"] = "CANCEL" if calendar["method"] == "CANCEL" else "REQUEST"
    links = context["links"]
    invitation = InvitationFacts(
        uid=calendar["uid"],
        sequence=calendar["sequence"],
        stamp=datetime.fromisoformat(calendar["stamp"]),
        created=datetime.fromisoformat(calendar["created"]),
        starts_at=datetime.fromisoformat(event["starts_at"]),
        ends_at=datetime.fromisoformat(event["ends_at"]),
        timezone=event["timezone"],
        title=event["title"],
        summary=event["summary"],
        organizer_name=site.organisation_name,
        organizer_addr=calendar["organizer_addr"],
        attendee_name=harmless_name(facts["name"]),
        attendee_addr=calendar["attendee_addr"],
        event_url=links["event"],
        join_url=links.get("join", ""),
        manage_url=links["manage"],
        speakers=tuple(context["speakers"]),
        contact_email=site.contact_email,
        reason=context["reason"] or context["message"],
        kind=InviteKind(calendar.get("kind", InviteKind.ATTENDEE)),
        for_guest=message.about_type == ABOUT_GUEST,
        chairs=context.get("chairs", False),
        partstat=PartStat(calendar.get("partstat", PartStat.NEEDS_ACTION)),
        reads_replies=site.reads_mail,
        tentative=calendar.get("tentative", False),
        locale=message.locale,
    )
    return CalendarPart(invitation_ics(invitation, method), method)
