"""What a route answers to each kind of person: the words in which every list of routes is written."""

from dataclasses import dataclass

PEOPLE = ("visitor", "attendee", "member", "moderator", "analyst", "access_lead", "organiser", "administrator")

Answers = dict[str, int]


@dataclass(frozen=True)
class Route:
    """One method of one rule, an address to ask it by, and the status that each kind of person gets."""

    method: str
    rule: str
    address: str
    answers: Answers


def everybody(status: int) -> Answers:
    """Anyone may come in."""
    return dict.fromkeys(PEOPLE, status)


def holders(status: int) -> Answers:
    """Only who holds the link; for the others it does not exist."""
    return {**dict.fromkeys(PEOPLE, 404), "attendee": status}


def signed_in(status: int) -> Answers:
    """Visitors are asked to sign in."""
    return {**dict.fromkeys(PEOPLE, status), "visitor": 303, "attendee": 303}


def moderators(status: int) -> Answers:
    """Moderators, organisers, administrators; members are told that there is nothing."""
    staff = dict.fromkeys(("moderator", "organiser", "administrator"), status)
    return {**dict.fromkeys(PEOPLE, 404), "visitor": 303, "attendee": 303, **staff}


def organisers(status: int) -> Answers:
    """Organisers and administrators."""
    return {**moderators(status), "moderator": 404}


def administrators(status: int) -> Answers:
    """Administrators alone."""
    return {**organisers(404), "administrator": status}


def access_leads(status: int) -> Answers:
    """Access leads and administrators; for organisers there is nothing."""
    staff = dict.fromkeys(("access_lead", "administrator"), status)
    return {**dict.fromkeys(PEOPLE, 404), "visitor": 303, "attendee": 303, **staff}


def providers(status: int) -> Answers:
    """Organisers, access leads and administrators."""
    return {**access_leads(status), "organiser": status}


def dev_alone(status: int) -> Answers:
    """Something of Dev's own: for everybody else who is signed in it does not exist."""
    return {**signed_in(404), "member": status}


SHOWN = ("coming", "past", "cancelled", "full")
BOOKED = SHOWN
CALENDARS = ("bookings", "desk")
BOOKING = "/organise/events/<slug>/booking"
LETTERS = "/organise/events/<slug>/letters"
DESK = "/organise/events"
ENTER = "/organise/consultations/<slug>/enter"
ONE_SPEAKER = f"{DESK}/coming-event/speakers/{{coming speaker slot}}"
SPEAKER = f"{DESK}/<slug>/speakers/<uuid:appearance_id>"
