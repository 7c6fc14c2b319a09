"""The forms of what a consultation is about: frameworks, what they list, links, footnotes. Shape and words only."""

import uuid
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from engage.consultations.enums import FrameworkKind, ThemeRelation
from engage.consultations.models import Consultation, Footnote, Framework, Theme, ThemeLink
from engage.consultations.queries import themes_of
from engage.consultations.services import FootnoteDetails, FrameworkDetails, LinkDetails, ThemeDetails
from engage.edge.forms import text_field
from engage.web.organiser.consultation_part_form import PartForm, from_list, is_number, is_offered
from engage.web.organiser.event_forms import is_day, one_line, read_day

OF_CONSULTATION = "consultation"


def _number(label: object) -> Field:
    return text_field(label, limit=9, validators=[Optional(), is_number])


class FrameworkForm(PartForm):
    """Where missions, goals or principles come from."""

    compared = (
        "title",
        "kind",
        "source_title",
        "source_url",
        "source_published_on",
        "stated_count",
        "reviewed_on",
        "review_due_on",
    )
    title = text_field(_l("Title"), limit=200, required=_l("Give it a title, such as: The missions."))
    kind = RadioField(
        _l("What does it list?"),
        choices=[
            SelectChoice(FrameworkKind.MISSION.value, _l("Missions")),
            SelectChoice(FrameworkKind.GOAL.value, _l("Goals")),
            SelectChoice(FrameworkKind.PRINCIPLE.value, _l("Principles")),
        ],
        default=FrameworkKind.MISSION.value,
        validate_choice=False,
    )
    source_title = text_field(_l("Source"), limit=200)
    source_url = text_field(_l("Address of the source"), limit=500)
    source_published_on = one_line(_l("Published on"), check=is_day)
    stated_count = _number(_l("How many the source says there are"))
    reviewed_on = one_line(_l("Last looked at on"), check=is_day)
    review_due_on = one_line(_l("To be looked at again by"), check=is_day)

    def validate_kind(self, field: Field) -> None:
        """One of the three."""
        if field.data not in set(FrameworkKind):
            raise ValidationError(_("Choose one of the three."))

    def fill_from(self, framework: Framework) -> None:
        """Put a framework into the form."""
        self.title.data, self.kind.data = framework.title, framework.kind.value
        self.source_title.data, self.source_url.data = framework.source_title, framework.source_url
        self.source_published_on.data = _typed(framework.source_published_on)
        self.stated_count.data = "" if framework.stated_count is None else str(framework.stated_count)
        self.reviewed_on.data = _typed(framework.reviewed_on)
        self.review_due_on.data = _typed(framework.review_due_on)

    def details(self) -> FrameworkDetails:
        """Return what the services take; the form must be valid."""
        return FrameworkDetails(
            kind=FrameworkKind(self.kind.data),
            title=self.title.data,
            source_title=self.source_title.data or "",
            source_url=self.source_url.data or "",
            source_published_on=_day(self.source_published_on.data),
            stated_count=int(self.stated_count.data) if self.stated_count.data else None,
            reviewed_on=_day(self.reviewed_on.data),
            review_due_on=_day(self.review_due_on.data),
        )


class ThemeForm(PartForm):
    """One mission, goal or principle."""

    compared = ("title", "body", "target_year")
    title = text_field(_l("In one sentence"), limit=300, required=_l("Say what it is."))
    body = text_field(_l("What it means"), limit=5000, multiline=True)
    target_year = _number(_l("By which year"))

    def fill_from(self, theme: Theme) -> None:
        """Put it into the form."""
        self.title.data, self.body.data = theme.title, theme.body
        self.target_year.data = "" if theme.target_year is None else str(theme.target_year)

    def details(self) -> ThemeDetails:
        """Return what the services take; the form must be valid."""
        year = int(self.target_year.data) if self.target_year.data else None
        return ThemeDetails(self.title.data, self.body.data or "", year)


class LinkForm(PartForm):
    """How one bears on another."""

    compared = ("from_", "relation", "to", "note")
    from_ = from_list(_l("This one"))
    relation = SelectField(
        _l("bears on another:"),
        choices=[
            SelectChoice(ThemeRelation.SUPPORTS.value, _l("it supports")),
            SelectChoice(ThemeRelation.DEPENDS_ON.value, _l("it depends on")),
            SelectChoice(ThemeRelation.CONFLICTS.value, _l("it conflicts with")),
        ],
        validate_choice=False,
        validators=[is_offered],
    )
    to = from_list(_l("That one"))
    note = text_field(_l("In what way"), limit=300)

    def offer(self, consultation: Consultation) -> None:
        """Offer everything that the consultation's frameworks list."""
        choices = [SelectChoice(str(theme.id), f"{theme.number}. {theme.title}") for theme in themes_of(consultation)]
        self.from_.choices = self.to.choices = choices
        if not self.is_submitted() and len(choices) > 1:
            self.to.data = choices[1].value

    def fill_from(self, link: ThemeLink) -> None:
        """Put a link into the form."""
        self.from_.data, self.to.data = str(link.from_id), str(link.to_id)
        self.relation.data, self.note.data = link.relation.value, link.note

    def details(self) -> LinkDetails:
        """Return what the services take; the form must be valid."""
        ends = uuid.UUID(self.from_.data), uuid.UUID(self.to.data)
        return LinkDetails(*ends, ThemeRelation(self.relation.data), self.note.data or "")


class FootnoteForm(PartForm):
    """A source that a text cites."""

    compared = ("of", "number", "text", "url")
    of = from_list(_l("Cited in"))
    number = text_field(_l("Number"), limit=9, required=_l("Write its number."), validators=[is_number])
    text = text_field(_l("The source"), limit=1000, required=_l("Write what the footnote says."))
    url = text_field(_l("Its address"), limit=500)

    def offer(self, consultation: Consultation) -> None:
        """Offer the texts that can cite it."""
        own = SelectChoice(OF_CONSULTATION, _("The consultation’s own texts"))
        self.of.choices = [own, *(SelectChoice(str(each.id), each.title) for each in consultation.frameworks)]

    def fill_from(self, footnote: Footnote) -> None:
        """Put a footnote into the form."""
        self.of.data = str(footnote.framework_id) if footnote.framework_id else OF_CONSULTATION
        self.number.data, self.text.data, self.url.data = str(footnote.number), footnote.text, footnote.url

    def details(self) -> FootnoteDetails:
        """Return what the services take; the form must be valid."""
        framework_id = None if self.of.data == OF_CONSULTATION else uuid.UUID(self.of.data)
        return FootnoteDetails(framework_id, int(self.number.data), self.text.data, self.url.data or "")


def _day(text: str | None) -> date | None:
    return read_day(text) if text else None


def _typed(day: date | None) -> str:
    return "" if day is None else day.isoformat()
