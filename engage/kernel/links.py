"""Addresses of pages, as pure functions of the base URL. A test holds each against the routes."""

from urllib.parse import quote, urlencode


def home_url(base: str) -> str:
    """Return the home page."""
    return f"{base}/"


def privacy_url(base: str) -> str:
    """Return the privacy notice."""
    return f"{base}/privacy"


def event_url(base: str, slug: str) -> str:
    """Return an event's public page."""
    return f"{base}/events/{slug}/"


def event_file_url(base: str, slug: str) -> str:
    """Return an event's calendar file."""
    return f"{base}/events/{slug}.ics"


def feed_url(base: str) -> str:
    """Return the public calendar feed."""
    return f"{base}/events.ics"


def private_feed_url(base: str, token: str) -> str:
    """Return somebody's private calendar."""
    return f"{base}/calendar/{token}.ics"


def private_feed_page_url(base: str, token: str) -> str:
    """Return the page on which somebody follows, renews or stops their private calendar."""
    return f"{base}/calendar/{token}/"


def desk_event_url(base: str, slug: str) -> str:
    """Return an event's page at the organisers' desk."""
    return f"{base}/organise/events/{slug}/"


def news_url(base: str) -> str:
    """Return the news feed of events (Atom)."""
    return f"{base}/events.atom"


def programme_url(base: str) -> str:
    """Return the programme."""
    return f"{base}/events/"


def comments_url(base: str, slug: str, event_pass: str) -> str:
    """Return the comment form that an event's pass opens; it is the same for everybody (P10)."""
    return f"{base}/events/{slug}/comments/?pass={quote(event_pass)}"


def response_url(base: str, response_id: str) -> str:
    """Return the public page of a response with its thread."""
    return f"{base}/responses/{response_id}"


def booking_url(base: str, token: str) -> str:
    """Return the private page of a booking."""
    return f"{base}/bookings/{token}/"


def group_booking_url(base: str, slug: str, token: str) -> str:
    """Return the booking form of a group for which places are kept."""
    return f"{base}/events/{slug}/book?group={quote(token)}"


def cancel_booking_url(base: str, token: str) -> str:
    """Return the page that asks before a booking is cancelled."""
    return f"{base}/bookings/{token}/cancel"


def guest_url(base: str, token: str) -> str:
    """Return the own page of somebody whom a booking's holder brings."""
    return f"{base}/guests/{token}/"


def guest_cannot_come_url(base: str, token: str) -> str:
    """Return the page on which a guest gives their place back."""
    return f"{base}/guests/{token}/cannot-come"


def guest_stop_url(base: str, token: str) -> str:
    """Return the page on which a guest stops every mail."""
    return f"{base}/guests/{token}/stop"


def accept_offer_url(base: str, token: str) -> str:
    """Return the page on which an offered place is taken."""
    return f"{base}/waiting/{token}/accept"


def leave_list_url(base: str, token: str) -> str:
    """Return the page on which somebody leaves the waiting list or declines an offer."""
    return f"{base}/waiting/{token}/leave"


def join_url(base: str, token: str) -> str:
    """Return an attendee's own way in."""
    return f"{base}/join/{token}"


def unsubscribe_url(base: str, token: str) -> str:
    """Return the page on which somebody stops the reminders about an event."""
    return f"{base}/unsubscribe/{token}"


def reply_url(base: str, token: str) -> str:
    """Return the page on which somebody confirms that a calendar's answer is theirs."""
    return f"{base}/replies/{token}/"


def speaker_url(base: str, token: str) -> str:
    """Return the own page of somebody who is asked to speak."""
    return f"{base}/speaker/{token}/"


def speaker_join_url(base: str, token: str) -> str:
    """Return a speaker's own way in."""
    return f"{base}/speaker/{token}/join"


def line_up_url(base: str, slug: str) -> str:
    """Return the organisers' page of an event's line-up."""
    return f"{base}/organise/events/{slug}/speakers"


def receipt_url(base: str, code: str) -> str:
    """Return the receipt of a submission."""
    return f"{base}/receipts/{code}/"


def draft_url(base: str, token: str) -> str:
    """Return the page of answers that were saved and are not sent."""
    return f"{base}/drafts/{token}/"


def late_draft_url(base: str, token: str, late: str) -> str:
    """Return the same for somebody who may send them after the closing."""
    return f"{base}/drafts/{token}/?late={quote(late)}"


def answers_copy_url(base: str, code: str, proof: str) -> str:
    """Return the page on which somebody who was mailed a receipt prints their words or has them mailed."""
    return f"{base}/receipts/{code}/copy?mailed={quote(proof)}"


def bookings_list_url(base: str, slug: str) -> str:
    """Return the organisers' list of an event's bookings."""
    return f"{base}/organise/events/{slug}/bookings"


def notices_url(base: str, slug: str) -> str:
    """Return the page on which an organiser chooses what to be told of an event."""
    return f"{base}/organise/events/{slug}/notices"


def queue_url(base: str, **about: str) -> str:
    """Return the moderators' queue, of everything or of one `event` or `consultation`, by its slug."""
    return f"{base}/organise/responses/" + (f"?{urlencode(about)}" if about else "")


def question_url(base: str, consultation: str, number: int) -> str:
    """Return a question's public page."""
    return f"{base}/consultations/{consultation}/questions/{number}/"


def late_answers_url(base: str, consultation: str, token: str) -> str:
    """Return the form by which whoever was given the link may answer after the closing."""
    return f"{base}/consultations/{consultation}/respond?late={quote(token)}"


def sign_in_url(base: str) -> str:
    """Return the page on which members sign in."""
    return f"{base}/sign-in"


def confirm_address_url(base: str, code: str) -> str:
    """Return the page on which somebody becomes a member."""
    return f"{base}/join-us/{code}"


def reset_url(base: str) -> str:
    """Return the page on which somebody asks to set another password."""
    return f"{base}/reset"


def new_password_url(base: str, code: str) -> str:
    """Return the page on which somebody sets another password."""
    return f"{base}/reset/{code}"
