"""A certificate of attendance: the PDF that was drawn ahead, and the same as a page that prints."""

from flask import Response

from engage.bookings.certificate_words import words_of
from engage.bookings.certificates import CertificateFound, CertificateState, certificate_of, find_pdf
from engage.bookings.models import Booking, Guest
from engage.edge.access import access
from engage.edge.answers import keep_address_private, show
from engage.events.models import Event
from engage.kernel import clock
from engage.web.public.blueprint import bp
from engage.web.public.booking_views import open_booking
from engage.web.public.guest_views import open_guest

PDF = "application/pdf"


@bp.get("/bookings/<token>/certificate.pdf")
@access("booking link")
def certificate_file(token: str) -> Response:
    """Give the certificate of a booking's holder as PDF, or say when it comes (409)."""
    booking, event = open_booking(token)
    return _file(booking, booking, event)


@bp.get("/bookings/<token>/certificate")
@access("booking link")
def certificate_page(token: str) -> Response:
    """Show it as a page to read or print, drawn or not; or say when it comes (409)."""
    booking, event = open_booking(token)
    return _page(booking, booking, event)


@bp.get("/guests/<token>/certificate.pdf")
@access("booking link")
def guest_certificate_file(token: str) -> Response:
    """Give the certificate of a guest as PDF, or say when it comes (409)."""
    return _file(*open_guest(token))


@bp.get("/guests/<token>/certificate")
@access("booking link")
def guest_certificate_page(token: str) -> Response:
    """Show it as a page to read or print, drawn or not; or say when it comes (409)."""
    return _page(*open_guest(token))


def _file(person: Booking | Guest, booking: Booking, event: Event) -> Response:
    found = certificate_of(person, booking, event, at=clock.now())
    pdf = find_pdf(person, booking) if found.state is CertificateState.READY else None
    if pdf is None:
        return _not_yet(event, found)
    answer = keep_address_private(Response(pdf, content_type=PDF))
    answer.headers["Content-Disposition"] = 'attachment; filename="certificate-of-attendance.pdf"'
    return answer


def _page(person: Booking | Guest, booking: Booking, event: Event) -> Response:
    found = certificate_of(person, booking, event, at=clock.now())
    if found.facts is None:
        return _not_yet(event, found)
    page = show("public/bookings/certificate.html", certificate=words_of(found.facts), state=found.state)
    return keep_address_private(page)


def _not_yet(event: Event, found: CertificateFound) -> Response:
    page = show("public/bookings/certificate_not_yet.html", status=409, found=found, event=event)
    return keep_address_private(page)
