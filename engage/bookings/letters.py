"""Letters of organisers to a part of an event's people: one mail a person, each letter to each address once.

A letter's id is made of its event, segment and words, so the same letter sent by a double click, or by two organisers,
is one letter; sent once more it goes to those who have not had it. Its job queues the mails in batches (R20).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from engage.audit.services import record
from engage.bookings.enums import Segment
from engage.bookings.errors import LetterNotFoundError, NobodyToWriteToError
from engage.bookings.letter_words import LINKS, check_words
from engage.bookings.mail_about import ABOUT_EVENT, about_event
from engage.bookings.mails import ABOUT, ABOUT_GUEST, Recipient, event_facts
from engage.bookings.models import Letter
from engage.bookings.planned_mails import UNSUBSCRIBE
from engage.bookings.segments import Reader, audience, find_reader, readers
from engage.events.models import Event
from engage.events.queries import get_event_by_id
from engage.kernel.db import db
from engage.kernel.jobs import defer_once
from engage.kernel.models import Job, JobState
from engage.kernel.plain import insert_unless_there
from engage.kernel.settings import Site
from engage.kernel.tokens import sha256_hex
from engage.mail.enums import MessageKind, MessageState
from engage.mail.models import Message
from engage.mail.services import Draft, queue_all

SEND_LETTER = "bookings.send-letter"
BATCH = 200  # people in one transaction


@dataclass(frozen=True)
class SentLetter:
    """A letter of the past, with how many mails of it are in each state."""

    letter: Letter
    counts: dict[MessageState, int]


def send_letter(
    event_id: uuid.UUID, segment: Segment, *, subject: str, body: str, at: datetime, actor: uuid.UUID | None
) -> tuple[Letter, bool]:
    """Promise a letter to everybody of a segment; tell whether it is a new one.

    Raises NobodyToWriteToError, and what `check_words` raises.
    """
    subject, body = check_words(subject, body, segment)
    people = audience(event_id, segment).people
    if not people:
        raise NobodyToWriteToError
    letter_id = uuid.uuid5(event_id, "\0".join((segment, subject, body)))
    values = {
        "id": letter_id,
        "event_id": event_id,
        "segment": segment,
        "subject": subject,
        "body": body,
        "author_id": actor,
        "people": 0,
        "created_at": at,
    }
    is_new = insert_unless_there(Letter, values, unique=("id",))
    if _promise(letter_id, at=at):
        after = {"segment": segment.value, "people": people}
        record("organiser:event:write", f"event:{event_id}", at=at, actor=actor, after=after)
    return get_letter(letter_id), is_new


def send_test(
    event_id: uuid.UUID,
    segment: Segment,
    *,
    subject: str,
    body: str,
    name: str,
    address: str,
    site: Site,
    at: datetime,
    actor: uuid.UUID,
) -> None:
    """Send a letter to its author alone, once a minute at most; its links open nothing.

    Raises what `check_words` raises.
    """
    subject, body = check_words(subject, body, segment)
    event = get_event_by_id(event_id)
    facts = {
        "name": name,
        "event": event_facts(event),
        "test": {"segment": segment.value, "subject": subject, "body": body},
    }
    words = sha256_hex("\0".join((segment, subject, body)))[:32]
    draft = Draft(
        kind=MessageKind.LETTER,
        logical_key=f"letter-test:{actor}:{words}:{at:%Y%m%d%H%M}",
        to_addr=address,
        facts=facts,
        locale=site.languages[0],
        about_type=ABOUT_EVENT,
        about_id=event_id,
    )
    queue_all([draft], site=site, at=at)


def send_letter_batch(arguments: dict[str, Any], *, site: Site, at: datetime) -> uuid.UUID | None:
    """Queue the next mails of a letter, at most BATCH; returns where to go on, or None when all are queued.

    The letter's row is held, so that two workers never queue the same mails.
    """
    letter = db.session.get(Letter, uuid.UUID(arguments["letter"]), with_for_update=True, populate_existing=True)
    if letter is None:
        return None
    event, after = get_event_by_id(letter.event_id), arguments.get("after")
    people = readers(event.id, letter.segment, after=uuid.UUID(after) if after else None, limit=BATCH)
    drafts = [_draft(letter, reader, event) for reader in people if reader.gets_letters()]
    letter.people += queue_all(drafts, site=site, at=at)
    db.session.flush()
    return people[-1].id if len(people) == BATCH else None


def is_letter_wanted(message: Message) -> bool:
    """Tell whether a letter that was queued may be sent now: its reader belongs to the segment and did not stop it."""
    if "test" in message.facts:
        return True
    letter = db.session.get(Letter, uuid.UUID(message.facts["letter"]))
    if letter is None:
        return False
    reader = find_reader(letter.event_id, letter.segment, message.about_id)
    return reader is not None and reader.gets_letters()


def get_letter(letter_id: uuid.UUID) -> Letter:
    """Return a letter. Raises LetterNotFoundError."""
    letter = db.session.get(Letter, letter_id)
    if letter is None:
        raise LetterNotFoundError
    return letter


def letters_of(event_id: uuid.UUID) -> Sequence[SentLetter]:
    """Return the letters of an event, the newest first, by two queries however many there are."""
    newest = select(Letter).where(Letter.event_id == event_id).order_by(Letter.created_at.desc(), Letter.id)
    letters = db.session.scalars(newest).all()
    if not letters:
        return []
    number = Message.facts["letter"].as_string()
    counted = db.session.execute(
        select(number, Message.state, func.count())
        .where(about_event(event_id), Message.kind == MessageKind.LETTER, number.is_not(None))
        .group_by(number, Message.state)
    ).all()
    return [SentLetter(one, {row[1]: row[2] for row in counted if row[0] == str(one.id)}) for one in letters]


def _promise(letter_id: uuid.UUID, *, at: datetime) -> bool:
    """Promise the job of a letter unless it waits or runs; one that is done may run again."""
    key = f"{SEND_LETTER}:{letter_id}"
    db.session.execute(delete(Job).where(Job.dedupe_key == key, Job.state != JobState.DUE))
    return defer_once(SEND_LETTER, at=at, run_at=at, dedupe_key=key, letter=str(letter_id))


def _draft(letter: Letter, reader: Reader, event: Event) -> Draft:
    address = reader.email or ""
    return Draft(
        kind=MessageKind.LETTER,
        logical_key=f"letter:{letter.id}:{sha256_hex(address)[:32]}",
        to_addr=address,
        facts={
            "letter": str(letter.id),
            "name": reader.name,
            "event": event_facts(event),
            "links": _links(letter.segment, reader),
        },
        locale=reader.locale,
        about_type=reader.about_type,
        about_id=reader.id,
    )


def _links(segment: Segment, reader: Reader) -> dict[str, list[str]]:
    """Return the seeds of a reader's own links."""
    links = {UNSUBSCRIBE: [UNSUBSCRIBE, str(reader.id), reader.nonce]}
    if reader.booking_id is None or reader.about_type not in (ABOUT, ABOUT_GUEST):
        return links
    guest_id = reader.id if reader.about_type == ABOUT_GUEST else None
    own = Recipient(reader.booking_id, reader.nonce, reader.name, "", reader.locale, guest_id=guest_id).links()
    if "join_link" not in LINKS[segment]:
        own.pop("join")
    return {**links, **own}
