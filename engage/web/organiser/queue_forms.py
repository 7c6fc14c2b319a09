"""What moderators look for in the one store: words and more, in one form."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import DateField, SelectChoice, SelectField
from wtforms.validators import Optional, ValidationError

from engage.consultations.models import Consultation
from engage.consultations.queries import themes_of
from engage.edge import context
from engage.edge.forms import SignedInForm, text_field
from engage.events.models import Event
from engage.kernel.when import FIRST_YEAR, LAST_YEAR, YearOutOfRangeError
from engage.responses.describing import CHANNELS, KINDS, MEDIA, PILES
from engage.responses.enums import Channel, ResponseKind
from engage.responses.piles import Pile
from engage.responses.search.facets import Looked, Medium
from engage.responses.search.words import LONGEST_TYPED, terms_of

Choices = list[SelectChoice]
FILTERS = (
    "state",
    "event",
    "consultation",
    "question",
    "theme",
    "kind",
    "channel",
    "medium",
    "language",
    "since",
    "until",
)
LONGEST_TITLE = 80


def _choice(label: Any, choices: Choices | None = None, *, every: Any) -> SelectField:
    return SelectField(label, choices=[SelectChoice("", every), *(choices or [])], default="", validate_choice=False)


def _in_words(words: Any) -> Choices:
    return [SelectChoice(each.value, lazy_gettext(said)) for each, said in words.items()]


class DayField(DateField):
    """A day; what is none stays in the field, with our own sentence."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(gettext("We could not read this day. Write it such as 2026-09-01.")) from None


def _is_near(_form: SignedInForm, field: DateField) -> None:
    """Refuse a day so far away that no response can be of it, and no index counts to it (S24)."""
    if field.data is not None and not FIRST_YEAR <= field.data.year <= LAST_YEAR:  # what is no day is refused already
        raise ValidationError(YearOutOfRangeError(first=FIRST_YEAR, last=LAST_YEAR).text(context.locale()))


def _day(label: Any) -> DateField:
    return DayField(label, validators=[Optional(), _is_near])


class QueueForm(SignedInForm):
    """A pile, what it is narrowed to, and words; every field may be left as it is."""

    words = text_field(lazy_gettext("Find words"), limit=LONGEST_TYPED)
    state = SelectField(
        lazy_gettext("Look in"), choices=_in_words(PILES), default=Pile.TO_READ.value, validate_choice=False
    )
    event = _choice(lazy_gettext("Event"), every=lazy_gettext("All events"))
    consultation = _choice(lazy_gettext("Consultation"), every=lazy_gettext("All consultations"))
    question = _choice(lazy_gettext("Question"), every=lazy_gettext("All questions"))
    theme = _choice(lazy_gettext("Mission or goal"), every=lazy_gettext("All of them"))
    kind = _choice(lazy_gettext("Kind"), _in_words(KINDS), every=lazy_gettext("All kinds"))
    channel = _choice(lazy_gettext("How it came"), _in_words(CHANNELS), every=lazy_gettext("Every way"))
    medium = _choice(lazy_gettext("In what form"), _in_words(MEDIA), every=lazy_gettext("Every form"))
    language = _choice(lazy_gettext("Language"), every=lazy_gettext("All languages"))
    since = _day(lazy_gettext("From this day"))
    until = _day(lazy_gettext("To this day"))

    def validate_words(self, field: Any) -> None:
        """Refuse what holds no word at all, such as a star alone: nothing could be found by it."""
        if field.data and not terms_of(field.data):
            raise ValidationError(gettext("Write at least one word. Signs alone cannot be found."))

    def validate_until(self, field: Any) -> None:
        """Refuse days that end before they begin."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(gettext("This day is before the first one."))

    def days_are_good(self) -> bool:
        """Check what an address may say wrong; it carries no key."""
        since, until = self.since.validate(self), self.until.validate(self, [QueueForm.validate_until])
        return bool(since and until)

    def offer(
        self,
        *,
        events: list[tuple[str, str]],
        consultations: list[tuple[str, str]],
        consultation: Consultation | None,
        languages: dict[str, str],
    ) -> None:
        """Fill the lists; questions and themes are those of the chosen consultation. Nothing unknown stays chosen."""
        self.event.choices += [SelectChoice(slug, _short(title)) for slug, title in events]
        self.consultation.choices += [SelectChoice(slug, _short(title)) for slug, title in consultations]
        self.language.choices += [SelectChoice(code, name) for code, name in languages.items()]
        if consultation is not None:
            asked = [
                SelectChoice(str(each.number), _short(f"{each.number}. {each.text}")) for each in consultation.questions
            ]
            self.question.choices += asked
            self.theme.choices += [SelectChoice(str(each.id), _short(each.title)) for each in themes_of(consultation)]
        for field in self:
            if isinstance(field, SelectField) and field.data not in {choice.value for choice in field.choices}:
                field.data = field.default

    def pile(self) -> Pile:
        """Return the pile that is looked through; the form must be offered."""
        return Pile(self.state.data)

    def looked(self, event: Event | None, consultation: Consultation | None) -> Looked:
        """Return what is looked for besides words; the form must be valid and offered."""
        return Looked(
            questions=self._questions(consultation),
            event_id=event.id if event else None,
            consultation_id=consultation.id if consultation else None,
            channel=Channel(self.channel.data) if self.channel.data else None,
            medium=Medium(self.medium.data) if self.medium.data else None,
            kind=ResponseKind(self.kind.data) if self.kind.data else None,
            language=self.language.data or None,
            since=self.since.data,
            until=self.until.data,
        )

    def _questions(self, consultation: Consultation | None) -> frozenset[uuid.UUID] | None:
        number, theme = self.question.data, self.theme.data
        if consultation is None or not (number or theme):
            return None
        return frozenset(
            question.id
            for question in consultation.questions
            if number in ("", str(question.number))
            and (not theme or theme in {str(each.id) for each in question.themes})
        )

    def address(self) -> dict[str, Any]:
        """Return what is chosen but the words, for addresses; words may be a name and stand in none (P21)."""
        chosen = {name: self[name].data for name in FILTERS}
        return {
            name: value.isoformat() if isinstance(value, date) else value for name, value in chosen.items() if value
        }

    @property
    def is_narrow(self) -> bool:
        """Tell whether a field is in use that is folded away else: any but the pile."""
        return any(self[name].data or self[name].errors for name in FILTERS[1:])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rstrip() + "…"
