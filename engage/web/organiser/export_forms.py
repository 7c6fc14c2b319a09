"""The form by which responses are taken away as a file."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from engage.edge.forms import SignedInForm
from engage.responses import describing
from engage.responses.enums import Channel, ResponseKind
from engage.responses.exporting.formats import FORMATS, FileFormat
from engage.responses.exporting.profiles import WITH_IDENTITIES, Profile
from engage.responses.exporting.scopes import Scope
from engage.responses.search.facets import Medium
from engage.web.organiser.event_forms import is_day, one_line, read_day

PROFILES = [
    (Profile.PUBLIC, _l("Everybody")),
    (Profile.ANALYST, _l("Those who analyse the responses")),
    (Profile.ORGANISER, _l("Our own staff")),
]


def _one_of_its_choices(sentence: str) -> Callable[[SignedInForm, Field], None]:
    def check(_form: SignedInForm, field: Field) -> None:
        if (field.data or "") not in {choice.value for choice in field.choices}:
            raise ValidationError(sentence)

    return check


def _choice(label: Any, words: Mapping[Any, str], *, every: Any) -> SelectField:
    """Return a list to choose from, in words by value; `every` chooses nothing."""
    return SelectField(
        label,
        choices=[SelectChoice("", every), *(SelectChoice(each.value, _l(said)) for each, said in words.items())],
        default="",
        validate_choice=False,
        validators=[_one_of_its_choices(_l("Choose from the list."))],
    )


class ExportForm(SignedInForm):
    """Whom the file is for, how it is written, and which responses it holds."""

    profile = RadioField(
        _l("Whom is the file for?"),
        choices=[SelectChoice(profile.value, words) for profile, words in PROFILES],
        validate_choice=False,
        validators=[_one_of_its_choices(_l("Choose whom the file is for."))],
    )
    identities = BooleanField(_l(WITH_IDENTITIES))
    question = _choice(_l("About which question?"), {}, every=_l("All of them"))
    what = _choice(_l("Which responses?"), describing.KINDS, every=_l("All of them"))
    channel = _choice(_l("How did they come?"), describing.CHANNELS, every=_l("Every way"))
    medium = _choice(_l("In what form?"), describing.MEDIA, every=_l("Every form"))
    language = _choice(_l("In which language?"), {}, every=_l("All languages"))
    first_day = one_line(_l("Received from"), check=is_day)
    last_day = one_line(_l("Received until"), check=is_day)
    format = RadioField(
        _l("How is it written?"),
        choices=[SelectChoice(each.value, _l(words)) for each, words in FORMATS.items()],
        validate_choice=False,
        validators=[_one_of_its_choices(_l("Choose how the file is written."))],
    )

    def offer(
        self, questions: Iterable[tuple[uuid.UUID, str]], *, languages: Mapping[str, str], may_see_identities: bool
    ) -> None:
        """Offer the questions by id, the languages by code, and identities to those who may see them (P25)."""
        self.question.choices += [SelectChoice(str(id_), words) for id_, words in questions]
        self.language.choices += [SelectChoice(code, name) for code, name in languages.items()]
        if not may_see_identities:
            del self.identities

    def suggest(self) -> None:
        """Begin with the file that tells least."""
        self.profile.data, self.format.data = Profile.PUBLIC.value, FileFormat.CSV.value

    def validate_last_day(self, field: Field) -> None:
        """Not before the first one."""
        first, last = _day(self.first_day), _day(field)
        if first and last and last < first:
            raise ValidationError(_("Write a day that is not before the first one."))

    def validate_identities(self, field: Field) -> None:
        """Of an organiser's file alone."""
        if field.data and self.profile.data != Profile.ORGANISER:
            raise ValidationError(_("Names and addresses can only be added to the file for our own staff."))

    def scope(self, *, consultation_id: uuid.UUID | None = None, event_id: uuid.UUID | None = None) -> Scope:
        """Return what was asked for; the form must be valid."""
        return Scope(
            profile=Profile(self.profile.data),
            consultation_id=consultation_id,
            event_id=event_id,
            question_id=uuid.UUID(self.question.data) if self.question.data else None,
            kind=ResponseKind(self.what.data) if self.what.data else None,
            channel=Channel(self.channel.data) if self.channel.data else None,
            medium=Medium(self.medium.data) if self.medium.data else None,
            language=self.language.data or None,
            first_day=_day(self.first_day),
            last_day=_day(self.last_day),
            with_identities="identities" in self and bool(self.identities.data),
        )


def _day(field: Field) -> date | None:
    try:
        return read_day(field.data) if field.data else None
    except ValueError:
        return None
