"""The mails that answer a calendar's reply: is it yours, not that time, and what organisers hear of it."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engage.bookings.mails import Addressee, event_facts
from engage.bookings.notices import organisers_told
from engage.calendars.services import InviteFacts
from engage.events.models import Event
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.inbound.answers import Answer
from engage.mail.models import InboundMail, Message
from engage.mail.received import REPLY
from engage.mail.services import Draft, queue_all


def queue_held(
    recipient: Addressee, event: Event, row: InboundMail, *, partstat: str, site: Site, at: datetime
) -> None:
    """Ask somebody whether the answer that came in their name is theirs; its link leads to a button."""
    facts = {**_facts(recipient, event), "answer": partstat}
    facts["links"]["reply"] = [REPLY, str(row.id), row.nonce]
    _queue(MessageKind.REPLY_HELD, recipient, str(row.id), facts, site=site, at=at)


def queue_counter_declined(
    recipient: Addressee,
    event: Event,
    invite: InviteFacts,
    row: InboundMail,
    *,
    sequence: int,
    site: Site,
    at: datetime,
) -> None:
    """Say that the time stays as it is (DECLINECOUNTER, RFC 5546 3.2.8), with the SEQUENCE of what was proposed."""
    # Not under "calendar": it says nothing of what stands in theirs.
    counter = {**invite.frozen("REQUEST", at=at), "sequence": sequence}
    facts = {**_facts(recipient, event), "counter": counter}
    _queue(MessageKind.COUNTER_DECLINED, recipient, str(row.id), facts, site=site, at=at)


def queue_request_again(
    recipient: Addressee, invite: InviteFacts, row: InboundMail, *, kind: MessageKind, site: Site, at: datetime
) -> bool:
    """Send somebody the entry as they were last sent it, with no new SEQUENCE; False if there is no such mail.

    They answered an older one, or asked for it. A change that waits to be told is told by its own mail.
    """
    last = _last_request(recipient, invite)
    if last is None:
        return False
    facts: dict[str, Any] = {name: last[name] for name in ("name", "event", "links", "places") if name in last}
    tentative = bool(last["calendar"].get("tentative"))
    facts["calendar"] = invite.frozen("REQUEST", at=at, tentative=tentative)
    about_type, about_id = recipient.about
    draft = Draft(
        kind,
        logical_key=f"again:{row.id}",
        to_addr=recipient.email,
        facts=facts,
        locale=recipient.locale,
        about_type=about_type,
        about_id=about_id,
        in_reply_to=invite.first_message_id,
    )
    queue_all([draft], site=site, at=at)
    return True


def _last_request(recipient: Addressee, invite: InviteFacts) -> dict[str, Any] | None:
    return next((facts for facts in _sent(recipient, invite.uid, "REQUEST") if "event" in facts), None)


def _sent(recipient: Addressee, uid: str, method: str) -> Iterator[dict[str, Any]]:
    """Give the facts of the mails by which an entry was sent or taken back, the latest first."""
    about_type, about_id = recipient.about
    about = (Message.about_type == about_type, Message.about_id == about_id)
    for facts in db.session.scalars(select(Message.facts).where(*about).order_by(Message.id.desc())):
        calendar = facts.get("calendar", {})
        if calendar.get("uid") == uid and calendar.get("method") == method:
            yield dict(facts)


def queue_note(
    event: Event, about: tuple[str, uuid.UUID], answer: Answer, row: InboundMail, *, name: str, site: Site, at: datetime
) -> None:
    """Tell the organisers what a calendar proposes, or to whom somebody hands their place."""
    told = [(person.name, person.email) for person in organisers_told(event.id)] or [("", site.contact_email)]
    delegate = next((each.delegated_to for each in answer.answerers if each.delegated_to), "")
    facts = {
        "event": event_facts(event),
        "who": name,
        "what": "counter" if answer.method == "COUNTER" else "delegated",
        "delegate": delegate,
        "proposed": list(answer.proposed) if answer.proposed else None,
        "words": answer.comment,
    }
    drafts = [
        Draft(
            MessageKind.REPLY_NOTE,
            logical_key=f"{MessageKind.REPLY_NOTE}:{row.id}:{address}",
            to_addr=address,
            facts={"name": greeting, **facts},
            locale=site.languages[0],
            about_type=about[0],
            about_id=about[1],
        )
        for greeting, address in told
        if address
    ]
    queue_all(drafts, site=site, at=at)


def _facts(recipient: Addressee, event: Event) -> dict[str, Any]:
    return {"name": recipient.name, "event": event_facts(event), "links": recipient.links()}


def _queue(
    kind: MessageKind, recipient: Addressee, key: str, facts: dict[str, Any], *, site: Site, at: datetime
) -> None:
    about_type, about_id = recipient.about
    draft = Draft(
        kind,
        logical_key=f"{kind}:{key}",
        to_addr=recipient.email,
        facts=facts,
        locale=recipient.locale,
        about_type=about_type,
        about_id=about_id,
    )
    queue_all([draft], site=site, at=at)
