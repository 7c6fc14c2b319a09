"""The calendar part of mails to one person, who comes or speaks: sent, changed, taken back (RFC 5546 3.2)."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal, Self

from engage.calendars.enums import InviteKind, PartStat
from engage.calendars.objects.lines import folded, line_with, text_line, utc
from engage.calendars.objects.parts import (
    CATEGORY,
    COLOUR,
    mailbox_line,
    one_line,
    organizer_line,
    paragraphs,
    require_instants,
    time_line,
    with_lines,
    zone_text_for,
)
from engage.kernel.i18n import N_, translate
from engage.kernel.text import clean_url, harmless_name
from engage.kernel.when import date_in_words, local_time, time_words

Method = Literal["REQUEST", "CANCEL"]
MOMENTS = ("stamp", "created", "starts_at", "ends_at")
MINUTES_BEFORE = {InviteKind.ATTENDEE: 15, InviteKind.SPEAKER: 30}


@dataclass(frozen=True, kw_only=True)
class InvitationFacts:
    """Everything that one invitation says, frozen when the change happened.

    Moments are aware datetimes. `uid`, `organizer_addr` and `attendee_addr` stay for life; `sequence` rises
    with every change that is sent. `join_url` and `manage_url` are private: store them empty and put them in
    with `with_links` when the mail is rendered. `reason` says why it was cancelled. `reads_replies` asks for an
    answer, since somebody reads it; `for_guest` is for somebody whom another person brings, `chairs` for a speaker
    who is asked to chair; `tentative` says that
    the event may not take place.
    """

    uid: str
    sequence: int
    stamp: datetime
    created: datetime
    starts_at: datetime
    ends_at: datetime
    timezone: str
    title: str
    organizer_name: str
    organizer_addr: str
    attendee_name: str
    attendee_addr: str
    summary: str = ""
    event_url: str = ""
    join_url: str = ""
    manage_url: str = ""
    location: str = ""
    speakers: tuple[str, ...] = ()
    contact_email: str = ""
    kind: InviteKind = InviteKind.ATTENDEE
    for_guest: bool = False
    chairs: bool = False
    partstat: PartStat = PartStat.NEEDS_ACTION
    reads_replies: bool = False
    tentative: bool = False
    reason: str = ""
    locale: str = "en"
    colour: str = COLOUR

    def __post_init__(self) -> None:
        require_instants(*(getattr(self, name) for name in MOMENTS))

    def with_links(self, *, join_url: str, manage_url: str) -> Self:
        """Return the same facts with the private links, which are never stored."""
        return replace(self, join_url=join_url, manage_url=manage_url)

    def to_json(self) -> dict[str, Any]:
        """Return values that JSON can hold; moments in ISO 8601, in UTC."""
        values = asdict(self)
        for name in MOMENTS:
            values[name] = values[name].astimezone(UTC).isoformat()
        values["speakers"] = list(self.speakers)
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return the facts that `to_json` wrote; names that are not known are left out."""
        known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        for name in MOMENTS:
            known[name] = datetime.fromisoformat(known[name])
        known["speakers"] = tuple(known.get("speakers", ()))
        known["kind"] = InviteKind(known.get("kind", InviteKind.ATTENDEE))
        known["partstat"] = PartStat(known.get("partstat", PartStat.NEEDS_ACTION))
        return cls(**known)


def invitation_ics(facts: InvitationFacts, method: Method) -> bytes:
    """Return the calendar object of a REQUEST (invitation or change) or a CANCEL, in UTF-8 with CRLF.

    A CANCEL keeps the title and the time, so that a calendar can show what went, and loses every way in. Thousands are
    written after one change, so their lines are written straight, in the order in which icalendar would.
    """
    zone_text = zone_text_for(facts.starts_at, facts.ends_at, facts.timezone)
    return with_lines(method, zone_text, _vevent(facts, cancelled=method == "CANCEL", zoned=zone_text is not None))


def _vevent(facts: InvitationFacts, *, cancelled: bool, zoned: bool) -> list[str]:
    stamp, url = utc(facts.stamp), clean_url(facts.event_url)
    location = one_line(facts.location, 2000)
    if not cancelled:  # a place, or the way in: Google, Outlook and Apple make an address here clickable
        location = location or one_line(facts.join_url or facts.event_url, 2000)
    lines = [
        "BEGIN:VEVENT",
        text_line("SUMMARY", _title(facts)),
        time_line("DTSTART", facts.starts_at, facts.timezone, zoned=zoned),
        time_line("DTEND", facts.ends_at, facts.timezone, zoned=zoned),
        f"DTSTAMP:{stamp}",
        text_line("UID", facts.uid),
        f"SEQUENCE:{facts.sequence}",
        _attendee(facts),
        f"CATEGORIES:{CATEGORY}",
        "CLASS:PUBLIC",
        f"COLOR:{facts.colour}",
        "" if cancelled else _conference(facts),
        f"CREATED:{utc(facts.created)}",
        text_line("DESCRIPTION", _farewell(facts) if cancelled else _description(facts)),
        f"LAST-MODIFIED:{stamp}",
        text_line("LOCATION", location) if location else "",  # libical refuses an empty one
        organizer_line(facts.organizer_addr, facts.organizer_name),
        f"STATUS:{'CANCELLED' if cancelled else 'TENTATIVE' if facts.tentative else 'CONFIRMED'}",
        "TRANSP:OPAQUE",
        folded(f"URL:{url}") if url else "",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        "X-MICROSOFT-DISALLOW-COUNTER:TRUE",
        *([] if cancelled else _alarm(facts)),
        "END:VEVENT",
    ]
    return [line for line in lines if line]


def _attendee(facts: InvitationFacts) -> str:
    """Return the one attendee. A reply is asked for only if somebody reads it; else the text names the link."""
    return mailbox_line(
        "ATTENDEE",
        facts.attendee_addr,
        harmless_name(facts.attendee_name),
        CUTYPE="INDIVIDUAL",
        ROLE="REQ-PARTICIPANT",
        PARTSTAT=facts.partstat.value,
        RSVP="TRUE" if facts.reads_replies else "FALSE",
    )


def _conference(facts: InvitationFacts) -> str:
    """Return the way in for programs that know RFC 7986."""
    address = clean_url(facts.join_url)
    if address is None:
        return ""
    label = translate(N_("Join"), facts.locale)
    return line_with("CONFERENCE", {"VALUE": "URI", "FEATURE": ["AUDIO", "VIDEO"], "LABEL": label}, address)


def _alarm(facts: InvitationFacts) -> list[str]:
    return [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        text_line("DESCRIPTION", _title(facts)),
        f"TRIGGER:-PT{MINUTES_BEFORE[facts.kind]}M",
        "END:VALARM",
    ]


def _farewell(facts: InvitationFacts) -> str:
    return one_line(facts.reason, 500) or translate(N_("This entry was cancelled."), facts.locale)


def _description(facts: InvitationFacts) -> str:
    """Return the plain text: the way in first, since few programs show CONFERENCE."""
    locale = facts.locale
    day = date_in_words(local_time(facts.starts_at, facts.timezone), locale)
    texts = [translate(N_("Join: {url}"), locale, url=facts.join_url)] if facts.join_url else []
    texts.append(f"{day}, {time_words(facts.starts_at, facts.ends_at, facts.timezone, locale)}")
    texts.append(facts.summary)
    if facts.speakers:
        names = "; ".join(one_line(name) for name in facts.speakers)
        texts.append(translate(N_("Speakers: {names}"), locale, names=names))
    texts.append(_how_to_decline(facts))
    if facts.contact_email:
        texts.append(translate(N_("Questions: {email}"), locale, email=facts.contact_email))
    return paragraphs(texts)


def _how_to_decline(facts: InvitationFacts) -> str:
    """Return what declining does, and the page that does it without a calendar."""
    if facts.kind is InviteKind.SPEAKER:
        if facts.reads_replies and facts.chairs:
            sentence = N_(
                "Declining in your calendar tells us that you cannot chair it. Your own page does so too: {url}"
            )
        elif facts.reads_replies:
            sentence = N_("Declining in your calendar tells us that you cannot speak. Your own page does so too: {url}")
        elif facts.chairs:
            sentence = N_(
                "Please say on your own page whether you can chair it: {url}\n"
                "Answering in your calendar does not reach us."
            )
        else:
            sentence = N_(
                "Please say on your own page whether you will speak: {url}\n"
                "Answering in your calendar does not reach us."
            )
    elif not facts.reads_replies:
        sentence = N_(
            "If you can’t come, say so on your booking’s page, and somebody else can have your place:"
            " {url}\nAnswering in your calendar does not reach us."
        )
    elif facts.for_guest:
        sentence = N_("Declining in your calendar gives your place back. Your own page does so too: {url}")
    else:
        sentence = N_("Declining in your calendar cancels your booking. Your booking’s page does so too: {url}")
    return translate(sentence, facts.locale, url=facts.manage_url) if facts.manage_url else ""


def _title(facts: InvitationFacts) -> str:
    """Return the title; RFC 5546 3.2.2 demands one, also when nothing is left of it."""
    return one_line(facts.title) or translate(N_("Event"), facts.locale)
