"""The forms of an event: shape and words only."""

import re
from datetime import date, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from engage.edge.forms import SignedInForm, address_field, cleaned, text_field
from engage.events.appearances import SpeakerSlot
from engage.events.details import EventDetails
from engage.events.enums import AppearanceRole
from engage.flows.line_up import SpeakerDetails

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?")
NUMBER = re.compile(r"[0-9]{1,9}")
FOLDS = {"0": 0, "1": 1}


def read_day(text: str) -> date:
    """Return the day of YYYY-MM-DD. Raises ValueError."""
    if not DAY.fullmatch(text):
        raise ValueError("not a day")
    return date.fromisoformat(text)


def read_clock(text: str) -> time:
    """Return the time of HH:MM. Raises ValueError."""
    match = CLOCK.fullmatch(text)
    if match is None:
        raise ValueError("not a time")
    return time(int(match[1]), int(match[2]))


def is_day(_form: SignedInForm, field: Field) -> None:
    """Refuse what is no day."""
    try:
        read_day(field.data)
    except ValueError:
        raise ValidationError(_("Write the date as year, month and day, such as 2027-03-31.")) from None


def is_clock(_form: SignedInForm, field: Field) -> None:
    """Refuse what is no time."""
    try:
        read_clock(field.data)
    except ValueError:
        raise ValidationError(_("Write the time as hours and minutes, such as 12:30.")) from None


def is_number(_form: SignedInForm, field: Field) -> None:
    """Refuse what is no number of places."""
    if not NUMBER.fullmatch(field.data):
        raise ValidationError(_("Write the number of places in digits, such as 100."))


def one_line(label: Any, *, required: Any = None, check: Any) -> Field:
    """Return a short field with a check of its shape; `required` is what is said when it is empty."""
    return StringField(
        label,
        filters=[cleaned()],
        validators=[
            Optional() if required is None else DataRequired(required),
            Length(max=60, message=_l("That is too long.")),
            check,
        ],
    )


def fold_field(label: object = _l("Which of the two?")) -> Field:
    """Return the question which of two equal hours is meant; it is shown only where an hour comes twice (R19)."""
    return RadioField(label, choices=[], validate_choice=False, validators=[Optional(), _is_first_or_second])


def _is_first_or_second(_form: SignedInForm, field: Field) -> None:
    if field.data not in FOLDS:
        raise ValidationError(_("Choose the first or the second."))


class EventForm(SignedInForm):
    """An event as its organiser describes it; `fold` is asked only where the hour exists twice."""

    title = text_field(_l("Title"), limit=200, required=_l("Give the event a title."))
    summary = text_field(_l("Summary"), limit=500, required=_l("Say in a sentence or two what the event is about."))
    description = text_field(_l("Description"), limit=20_000, multiline=True)
    date = one_line(_l("Date"), required=_l("Say on which day it is."), check=is_day)
    start_time = one_line(_l("Start"), required=_l("Say when it starts."), check=is_clock)
    end_time = one_line(_l("End"), required=_l("Say when it ends."), check=is_clock)
    fold = fold_field()
    timezone = text_field(_l("Time zone"), limit=60, required=_l("Say in which time zone."))
    capacity = one_line(_l("Places"), required=_l("Say how many places there are."), check=is_number)
    join_url = text_field(_l("Join address"), limit=500)
    version = HiddenField()
    began = HiddenField()

    def details(self) -> EventDetails:
        """Return what the services take; the form must be valid."""
        return EventDetails(
            title=self.title.data,
            summary=self.summary.data,
            description=self.description.data or "",
            day=read_day(self.date.data),
            start=read_clock(self.start_time.data),
            end=read_clock(self.end_time.data),
            fold=FOLDS.get(self.fold.data or ""),
            timezone=self.timezone.data,
            capacity=int(self.capacity.data),
            join_url=self.join_url.data or "",
        )


class NewEventForm(EventForm):
    """The same, with the address of the page while it can still be chosen."""

    slug = text_field(_l("Address of the page"), limit=80)


class CancelForm(SignedInForm):
    """Why an event is cancelled."""

    reason = text_field(
        _l("Why is it cancelled?"),
        limit=500,
        required=_l("Say why the event is cancelled: everybody who booked will read it."),
    )


class RecordingForm(SignedInForm):
    """Where an event can be watched again."""

    recording_url = text_field(_l("Address of the recording"), limit=500)


class SpeakerForm(SignedInForm):
    """Somebody for the line-up."""

    name = text_field(_l("Name"), limit=200, required=_l("Give the speaker’s name."))
    role_title = text_field(_l("What they do there"), limit=200)
    organisation = text_field(_l("Organisation"), limit=200)
    email = address_field(_l("E-mail address"))
    role = SelectField(
        _l("Role in this event"),
        choices=[SelectChoice("speaker", _l("Guest speaker")), SelectChoice("chair", _l("Chair"))],
        default="speaker",
        validate_choice=False,
    )

    def validate_role(self, field: Field) -> None:
        """One of the two."""
        if field.data not in {"speaker", "chair"}:
            raise ValidationError(_("Choose guest speaker or chair."))

    def fill_from(self, slot: SpeakerSlot) -> None:
        """Fill in who somebody is."""
        speaker = slot.speaker
        self.name.data, self.role_title.data = speaker.name, speaker.role_title
        self.organisation.data, self.email.data = speaker.organisation, speaker.email
        self.role.data = slot.appearance.role.value

    def details(self) -> SpeakerDetails:
        """Return what the flows take; the form must be valid."""
        return SpeakerDetails(
            name=self.name.data,
            role=AppearanceRole(self.role.data),
            role_title=self.role_title.data,
            organisation=self.organisation.data,
            email=self.email.data,
        )
