"""What tests of an invitation's life share: randomness that repeats, mails as they arrive, a calendar that obeys."""

import random
import secrets
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar, Event
from sqlalchemy import event

from engage.kernel.db import Base, UUIDKey
from tests.calendars.makers import compare_with_file

GOLDEN = Path(__file__).parent / "golden"


@contextmanager
def repeated_randomness(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every id, nonce and reference be the next of a series that is always the same."""
    series = random.Random(20260901)
    of_rows: dict[type, random.Random] = {}

    def next_uuid() -> uuid.UUID:
        return uuid.UUID(int=series.getrandbits(128), version=4)

    def give_id(row: Any, _args: Any, given: dict[str, Any]) -> None:
        """Give a row its id before its column does, whose function statements remember."""
        if isinstance(row, UUIDKey):
            ids = of_rows.setdefault(type(row), random.Random(type(row).__name__))
            given.setdefault("id", uuid.UUID(int=ids.getrandbits(128), version=4))

    monkeypatch.setattr(uuid, "uuid4", next_uuid)
    monkeypatch.setattr(secrets, "token_hex", lambda size=32: series.randbytes(size).hex())
    monkeypatch.setattr(secrets, "choice", series.choice)
    event.listen(Base, "init", give_id, propagate=True)
    yield
    event.remove(Base, "init", give_id)


def only_event(data: bytes) -> Event:
    """Return the one event in a calendar part."""
    (event,) = Calendar.from_ical(data).events
    return event


def calendar_part(mail: EmailMessage) -> bytes | None:
    """Return the bytes of a mail's calendar part, once they are where programs look for them and the copy equals."""
    inline = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    attached = [part for part in mail.walk() if part.get_content_type() == "application/ics"]
    if not inline:
        assert not attached
        return None
    ((one,), (copy,)) = inline, attached
    data = one.get_payload(decode=True)
    assert isinstance(data, bytes)
    assert data == copy.get_payload(decode=True)
    mixed = list(mail.iter_parts())
    assert [part.get_content_type() for part in mixed] == ["multipart/alternative", "application/ics"]
    kinds = [part.get_content_type() for part in mixed[0].iter_parts()]  # type: ignore[union-attr]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    calendar = Calendar.from_ical(data)
    assert str(calendar["METHOD"]) == one["Content-Type"].params["method"]
    return data


@dataclass
class ObedientCalendar:
    """A calendar that takes what comes by mail as RFC 5546 2.1.5 says: the higher SEQUENCE wins, then DTSTAMP."""

    entries: dict[str, Event] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Take the event of a REQUEST or a CANCEL, unless something newer of that UID is known."""
        known = self.entries.get(str(event["UID"]))
        if known is None or _age(event) > _age(known):
            self.entries[str(event["UID"])] = event

    def shows(self) -> list[tuple[str, datetime, datetime]]:
        """Return the title and the times of what stands in it."""
        standing = (event for event in self.entries.values() if str(event["STATUS"]) != "CANCELLED")
        return sorted((str(event["SUMMARY"]), event["DTSTART"].dt, event["DTEND"].dt) for event in standing)


def _age(event: Event) -> tuple[int, datetime]:
    return int(event["SEQUENCE"]), event["DTSTAMP"].dt


def check_thread(mails: Sequence[EmailMessage]) -> None:
    """Check all mails about one UID: one first, all others answer it, and nothing that identifies ever changes."""
    first, *others = mails
    assert first["In-Reply-To"] is None
    for mail in others:
        assert mail["In-Reply-To"] == mail["References"] == first["Message-ID"]
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
    parts = [part for mail in mails if (part := calendar_part(mail)) is not None]
    events = [only_event(part) for part in parts]
    assert [int(event["SEQUENCE"]) for event in events] == list(range(len(events)))
    stamps = [event["DTSTAMP"].dt for event in events]
    assert stamps == sorted(set(stamps))
    for name in ("UID", "ORGANIZER", "ATTENDEE", "CREATED"):
        assert len({str(event[name]) for event in events}) == 1
    organizer, attendee = str(events[0]["ORGANIZER"]), str(events[0]["ATTENDEE"])
    for mail in mails:
        assert [f"mailto:{each.addr_spec}" for each in mail["From"].addresses] == [organizer]
        assert [f"mailto:{each.addr_spec}" for each in mail["To"].addresses] == [attendee]


def check_golden_mail(name: str, raw: bytes, mail: EmailMessage) -> None:
    """Compare a mail, and its calendar part, with the files kept of that occasion."""
    compare_with_file(GOLDEN / f"{name}.eml", raw)
    part = calendar_part(mail)
    if part is not None:
        compare_with_file(GOLDEN / f"{name}.ics", part)
