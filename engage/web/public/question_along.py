"""A question to the speakers that comes with the form that books a place."""

from uuid import UUID

from engage.bookings.requests import PlaceRequest
from engage.edge import context
from engage.kernel import clock
from engage.kernel.tokens import sha256_hex
from engage.responses.enums import IdentityBasis
from engage.responses.services import Sender
from engage.responses.services.asking import ask_speakers
from engage.web.arrivals import arrival_of
from engage.web.public.booking_forms import BookingForm
from engage.web.public.speakers_question import naming_of


def ask_along(event_id: UUID, form: BookingForm, wanted: PlaceRequest, *, key: str) -> None:
    """Send the question along with the booking, in its transaction.

    Nobody has shown yet that the address is theirs, so it is a guest's: no stranger speaks as somebody who booked.
    """
    ask_speakers(
        event_id,
        body=form.question.data,
        sender=Sender(IdentityBasis.GUEST, name=wanted.name, email=wanted.email, arrival=arrival_of(form)),
        naming=naming_of(form.question_attribution.data, wanted.name),
        may_show=form.question_publish.data,
        key=sha256_hex(f"question:{key}"),
        language=wanted.locale,
        site=context.site(),
        at=clock.now(),
    )
