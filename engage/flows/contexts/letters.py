"""What the mail of a letter needs: its words, filled in for one reader."""

import uuid
from collections.abc import Mapping
from typing import Any

from engage.bookings.enums import Segment
from engage.bookings.letter_words import LABELS, LINKS, fill_body, fill_subject
from engage.bookings.letters import get_letter
from engage.bookings.models import Letter
from engage.events.models import Event
from engage.events.queries import event_pass, get_event_by_id
from engage.kernel.i18n import N_, translate
from engage.kernel.links import booking_url, comments_url, event_url, join_url, unsubscribe_url
from engage.kernel.settings import Site
from engage.kernel.text import harmless_name
from engage.mail.models import Message
from engage.mail.rendering import event_words

SAMPLE = "sample"  # in the place of a token: it opens nothing


def letter_context(message: Message, context: Mapping[str, Any], site: Site) -> dict[str, Any]:
    """Return subject and paragraphs of a letter, and the links that they hold."""
    facts = message.facts
    if "test" in facts:
        words = facts["test"]
        segment, subject, body = Segment(words["segment"]), words["subject"], words["body"]
        own = {"manage": booking_url(site.base_url, SAMPLE), "join": join_url(site.base_url, SAMPLE)}
    else:
        letter = get_letter(uuid.UUID(facts["letter"]))
        segment, subject, body, own = letter.segment, letter.subject, letter.body, context["links"]
    event = context["event"]
    values = {
        "name": harmless_name(facts["name"]),
        "event": event["title"],
        "when": f"{event['date_words']}, {event['time_words']}",
        **_addresses(segment, uuid.UUID(facts["event"]["id"]), own, is_test="test" in facts, site=site),
    }
    labels = {name: translate(label, message.locale) for name, label in LABELS.items()}
    stop = unsubscribe_url(site.base_url, SAMPLE) if "preview" in facts else context["links"].get("unsubscribe", "")
    return {
        "is_test": "test" in facts and "preview" not in facts,
        "letter_subject": fill_subject(subject, values),
        "paragraphs": fill_body(body, values, labels),
        "segment": segment.value,
        "links": {"unsubscribe": stop},
    }


def listed_subject(letter: Letter, event: Event, locale: str) -> str:
    """Return the subject of a letter as organisers read it later: with the event as it is now, for no one reader."""
    words = event_words(
        title=event.title, starts_at=event.starts_at, ends_at=event.ends_at, timezone=event.timezone, locale=locale
    )
    when = f"{words['date_words']}, {words['time_words']}"
    name = translate(N_("[their name]"), locale)
    return fill_subject(letter.subject, {"name": name, "event": event.title, "when": when})


def _addresses(
    segment: Segment, event_id: uuid.UUID, own: Mapping[str, str], *, is_test: bool, site: Site
) -> dict[str, str]:
    event = get_event_by_id(event_id)
    known = {
        "event_link": event_url(site.base_url, event.slug),
        "join_link": own.get("join", ""),
        "booking_link": own.get("manage", ""),
        "comment_link": comments_url(site.base_url, event.slug, SAMPLE if is_test else event_pass(event, site)),
    }
    return {name: known[name] for name in LINKS[segment]}
