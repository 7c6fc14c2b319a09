"""How each field of each form is filled in as it should be. A new field that matters needs a line here."""

import base64
import re
import zlib

from tests.factories import PASSWORD
from tests.pages import Form

PEOPLE = base64.b64encode(zlib.compress(b"name,email\nNia,nia@example.org\n")).decode()
REPORT = base64.b64encode(zlib.compress(b"email,minutes\ncleo@example.org,52\n")).decode()
VALUES = {
    "email": "nia@example.org",
    "address": "nia@example.org",
    "password": PASSWORD,
    "name": "Nia Rees",
    "organisation": "Meadow Group",
    "body": "The maps were clear.",
    "attribution": "named",
    "display_name": "Nia",
    "publish": "yes",
    "subject": "One more thing before {event}",
    "title": "Meadows that hold water",
    "summary": "What farmers gain from wet meadows.",
    "description": "With *pictures*.",
    "date": "2026-12-10",
    "start_time": "12:30",
    "time": "09:00",
    "end_time": "13:30",
    "timezone": "Europe/London",
    "capacity": "30",
    "join_url": "https://meet.example/other",
    "recording_url": "https://video.example/1",
    "reason": "The speaker is ill.",
    "answer": "tentative",
    "search": "Nia",
    "words": "maps",
    "since": "2026-08-01",
    "until": "2026-12-31",
    "message": "You asked us to.",
    "wait": "yes",
    "digest": "yes",
    "when_full": "yes",
    "action": "publish",
    "note": "Thank you.",
    "role_title": "Farmer",
    "places": "2",
    "days": "14",
    "when": "12:30",
    "question_attribution": "named",
    "who": "members",
    "mode": "hold",
    "hold_flags": "3",
    "promised": "Two interpreters come.",
    "kind": "bsl",
    "due_on": "2026-09-02",
    "received_on": "2026-09-01",
    "access_needs": "A BSL interpreter, and breaks.",
    "intro": "What should come *first*?",
    "why_now": "The council decides in spring.",
    "opens_date": "2026-12-01",
    "opens_time": "09:00",
    "closes_date": "2027-02-01",
    "closes_time": "17:00",
    "text": "What should come first?",
    "source_title": "A white paper",
    "source_url": "https://example.org/paper",
    "source_published_on": "2022-02-02",
    "stated_count": "12",
    "reviewed_on": "2026-01-01",
    "review_due_on": "2026-06-01",
    "target_year": "2030",
    "number": "7",
    "url": "https://example.org/source",
    "guest-1-name": "Gwen Pryce",
    "guest-1-email": "gwen@example.org",
}
# Where one value does not fit every form that has a field of this name.
BY_ADDRESS = {
    ("/sign-in", "email"): "dev@example.org",
    ("/consultations/flood-plans/respond", "answer-1"): "Pay for the upkeep.",
    ("/organise/consultations/", "kind"): "mission",
    ("/organise/consultations/", "relation"): "conflicts",
    ("/bookings/", "display_name"): "Cleo",
    ("/responses/", "reason"): "off_topic",
    **{  # a table and a report, as if they had been chosen
        (f"/organise/events/{name}-event/bookings/import", "packed"): PEOPLE for name in ("coming", "soon", "full")
    },
    ("/organise/events/past-event/provision", "due_on"): "",
    ("/organise/events/past-event/attendance/report", "packed"): REPORT,  # a report that was looked at
}
# How an event is booked: a day before each of the events begins, and fewer places than are free.
BOOKING = re.compile("/booking(/|$)")
OF_BOOKING = {"date": "2026-09-03", "places": "1", "kind": "text", "text": "Which river do you know?"}
# What a form brings filled in and nobody may change: an event that is over keeps its time.
KEPT = {"/organise/events/past-event/edit": {"date", "start_time", "end_time", "timezone"}}


def filled(form: Form, where: str = "") -> dict[str, str]:
    """Return what somebody sends who fills the form in as they should."""
    fields = dict(form.values)
    for name, kind in form.kinds.items():
        if kind == "hidden" or name in KEPT.get(where, ()):
            continue
        if name in VALUES:
            fields[name] = VALUES[name]
        elif name.startswith("answer-"):
            fields[name] = "Pay for the upkeep."
        elif name.startswith("own-"):
            fields[name] = "Somebody else"
    for (start, name), value in BY_ADDRESS.items():
        if where.startswith(start) and name in form.kinds:
            fields[name] = value
    if form.kinds.get("question") not in (None, "select"):
        fields["question"] = "Who keeps the measure?"
    if BOOKING.search(where):
        fields.update({name: value for name, value in OF_BOOKING.items() if name in form.kinds})
    return fields
