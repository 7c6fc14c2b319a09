"""The mails to speakers: invited, certain by now, taken out, cancelled. Changes are told by `flows.telling`.

Links and the line-up are not among the facts: the worker signs and reads them when it renders.
"""

import uuid
from datetime import datetime
from typing import Any

from engage.bookings.mails import event_facts
from engage.calendars.services import InviteFacts, Method, message_id_of
from engage.events.enums import EventStatus
from engage.events.models import Event
from engage.flows.speaking import ABOUT, SpeakerRecipient
from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.services import queue


def queue_invited(
    recipient: SpeakerRecipient, event: Event, invite: InviteFacts, *, again: bool = False, site: Site, at: datetime
) -> None:
    """Ask somebody to speak. At an event that is not published the entry is tentative.

    `again` sends what they were sent already, the same UID and SEQUENCE, as a mail of its own.
    """
    _queue(MessageKind.SPEAKER_INVITED, recipient, event, invite, "REQUEST", again=again, site=site, at=at)


def queue_confirmed(
    recipient: SpeakerRecipient, event: Event, invite: InviteFacts, *, site: Site, at: datetime
) -> None:
    """Say that the event is published, so that the entry is tentative no more."""
    _queue(MessageKind.SPEAKER_INVITED, recipient, event, invite, "REQUEST", site=site, at=at, confirmed=True)


def queue_removed(
    recipient: SpeakerRecipient, event: Event, invite: InviteFacts, *, elsewhere: bool, site: Site, at: datetime
) -> None:
    """Say that somebody is in the line-up no more, or (`elsewhere`) that their address is not used any more."""
    more = {"elsewhere": True} if elsewhere else {}
    _queue(MessageKind.SPEAKER_REMOVED, recipient, event, invite, "CANCEL", site=site, at=at, **more)


def queue_event_cancelled(
    recipient: SpeakerRecipient, event: Event, invite: InviteFacts, *, reason: str, site: Site, at: datetime
) -> None:
    """Say that the event does not take place, and why."""
    _queue(MessageKind.EVENT_CANCELLED, recipient, event, invite, "CANCEL", site=site, at=at, reason=reason)


def _queue(
    kind: MessageKind,
    recipient: SpeakerRecipient,
    event: Event,
    invite: InviteFacts,
    method: Method,
    *,
    again: bool = False,
    site: Site,
    at: datetime,
    **more: Any,
) -> None:
    tentative = method == "REQUEST" and event.status is EventStatus.DRAFT
    occasion = f"{kind}:{invite.id}:{invite.sequence}"
    queue(
        kind,
        logical_key=f"{occasion}:{uuid.uuid4()}" if again else occasion,
        to_addr=recipient.email,
        facts={
            "name": recipient.name,
            "event": event_facts(event),
            "links": recipient.links(),
            "calendar": invite.frozen(method, at=at, tentative=tentative),
            **more,
        },
        locale=recipient.locale,
        about_type=ABOUT,
        about_id=recipient.appearance_id,
        site=site,
        at=at,
        message_id=None if again else message_id_of(invite.id, invite.sequence, kind, site),
        in_reply_to=invite.first_message_id if invite.sequence or again else None,
    )
