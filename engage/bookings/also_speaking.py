"""Whoever speaks at an event and books a place as well: the event stands in their calendar once, as the speaker's.

Their booking has an invitation like any other, but no mail carries it while they speak: `first_message_id` is None.
When they are taken out of the line-up, it is sent, so that the event does not leave their calendar.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from engage.bookings.enums import BookingStatus
from engage.bookings.mails import Recipient, queue_invitation
from engage.bookings.models import Booking
from engage.calendars.queries import find_invite
from engage.calendars.services import carry_invite
from engage.events.enums import SPEAKING
from engage.events.models import Appearance, Event
from engage.kernel.db import db
from engage.kernel.settings import Site
from engage.speakers.models import Speaker


def speakers_among(event_id: uuid.UUID, addresses: Collection[str]) -> set[str]:
    """Return those of some addresses at which somebody was asked to speak at an event and did not decline."""
    asked = (Appearance.event_id == event_id, Appearance.status.in_(SPEAKING))
    statement = select(Speaker.email).join(Appearance, Appearance.speaker_id == Speaker.id).where(*asked)
    return {address for address in db.session.scalars(statement) if address is not None} & set(addresses)


def invite_if_booked(event: Event, address: str, *, site: Site, at: datetime) -> bool:
    """Send the entry of a booking to somebody who speaks no more; tell whether there was one to send.

    The caller holds the event's row.
    """
    confirmed = (Booking.event_id == event.id, Booking.status == BookingStatus.CONFIRMED)
    booking = db.session.scalar(select(Booking).where(*confirmed, Booking.email_normalised == address))
    invite = None if booking is None else find_invite(booking.id)
    if booking is None or invite is None or invite.first_message_id is not None:
        return False
    queue_invitation(Recipient.of(booking), event, carry_invite(invite, site=site), site=site, at=at)
    return True
