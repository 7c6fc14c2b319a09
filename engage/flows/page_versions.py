"""What a stored page shows, as one statement for each kind of page: its rows change whenever the page would.

Whole rows and the very words are read rather than counters of changes: no service has to remember to say that it
changed something, and nothing on the way of a booking or a comment has a row to queue behind. A patrol holds the
statements against what the pages really read (tests/patrols/test_page_store.py).
"""

from engage.events.models import Event
from engage.kernel.db import table_of
from engage.kernel.versions import VersionQuery, listed

FEW = 10

_PEOPLE = listed(
    "appearance.id",
    "appearance.position",
    "appearance.role",
    "speaker.name",
    "speaker.role_title",
    "speaker.organisation",
    "speaker.is_sample",
    rows="FROM appearance JOIN speaker ON speaker.id = appearance.speaker_id WHERE appearance.event_id = event.id"
    " AND appearance.status NOT IN ('declined', 'withdrawn')",
)
# What is published has its author's consent (I12), so that its status alone says whether it is counted.
_SAID = (
    "(SELECT count(*) FROM response WHERE response.question_id = question.id AND response.status = 'published'"
    " AND NOT response.by_organisation)"
)
_COMMENTS = (
    "(SELECT count(*) FROM response WHERE response.event_id = event.id AND response.kind IN ('comment', 'reply')"
    " AND response.status = 'published' AND NOT response.by_organisation)"
)
_VERSIONS = listed(
    "response_version.kind",
    "response_version.body",
    rows="FROM response_version WHERE response_version.response_id = response.id",
)
_VOTES = (
    "(SELECT count(*) FROM reaction WHERE reaction.response_id = response.id AND reaction.value = 'up'"
    " AND NOT EXISTS (SELECT 1 FROM reaction AS later WHERE later.response_id = reaction.response_id"
    " AND later.respondent_id = reaction.respondent_id AND (later.at > reaction.at"
    " OR later.at = reaction.at AND later.id > reaction.id)))"
)
_ASKED_OF_SPEAKERS = listed(
    "response.id",
    "response.body_original",
    "response.body",
    "response.attribution",
    "response.display_name",
    "response.language",
    "response.received_on",
    "response.answered_at_s",
    "submission.is_sample",
    _VERSIONS,
    _VOTES,
    rows="FROM response JOIN submission ON submission.id = response.submission_id"
    " WHERE response.event_id = event.id AND response.kind = 'live_question' AND response.status = 'published'",
)
_QUESTIONS = listed(
    "event_question.position",
    "event_question.id",
    "question.id",
    "question.number",
    "question.text",
    "consultation.slug",
    "consultation.title",
    "consultation.status",
    _SAID,
    rows="FROM event_question JOIN question ON question.id = event_question.question_id"
    " JOIN consultation ON consultation.id = question.consultation_id WHERE event_question.event_id = event.id",
)
_PROVIDED = listed(
    "access_provision.kind",
    "access_provision.note",
    "access_provision.arranged_at",
    "access_provision.created_at",
    rows="FROM access_provision WHERE access_provision.event_id = event.id",
)
_ASKED = listed(
    "booking_question.id",
    "booking_question.position",
    "booking_question.kind",
    "booking_question.text",
    "booking_question.options",
    "booking_question.is_required",
    "booking_question.retired_at",
    rows="FROM booking_question WHERE booking_question.event_id = event.id",
)

_LEFT = "event.capacity - event.seats_taken - event.places_kept"
# Every column of the event, also those that are still to come, but what each booking changes. Of that the page shows
# a number, and what it says besides (full, almost full) depends on the first ten alone.
_COUNTED = frozenset({"id", "seats_taken", "places_kept"})
_EVENT = ", ".join(f"event.{column}" for column in table_of(Event).c.keys() if column not in _COUNTED)  # noqa: SIM118
# Where the number is hidden, it decides nothing but whether there is a place.
_FEW_LEFT = f"CASE WHEN {_LEFT} > 0 AND NOT event.places_shown THEN 1 WHEN {_LEFT} > {FEW} THEN {FEW} ELSE {_LEFT} END"

# The event's own page, the form that books it, and what is said after booking. Parameter: slug.
EVENT = VersionQuery(
    f"SELECT event.id, {_LEFT}, {_FEW_LEFT}, {_EVENT}, {_PEOPLE}, {_QUESTIONS}, {_COMMENTS}, {_PROVIDED}, {_ASKED},"  # noqa: S608 - our own words
    f" {_ASKED_OF_SPEAKERS}"
    " FROM event WHERE event.slug = :slug AND event.published_at IS NOT NULL"
)
