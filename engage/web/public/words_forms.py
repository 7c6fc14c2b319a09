"""The forms by which people comment: shape and words only."""

import uuid
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import FileField, HiddenField, SelectChoice, SelectField

from engage.edge.forms import text_field
from engage.events.queries import DiscussedQuestion
from engage.responses.errors import NothingToReplyToError
from engage.responses.services.sittings import LONGEST_BODY
from engage.web.naming_forms import WordsForm


class CommentForm(WordsForm):
    """A comment on an event, or on one of its questions; `comment_form` adds the list of them. Or a reply to one."""

    parent = HiddenField()
    question = SelectField(lazy_gettext("What is your comment about?"), default="", validate_choice=False)
    body = text_field(lazy_gettext("Your comment"), limit=LONGEST_BODY, multiline=True)
    media = FileField(lazy_gettext("Or say it by video or voice"))

    def begin(self, parent: str) -> None:
        """Begin a new comment, or a reply to the one whose id it is."""
        self.renew_key()
        self.parent.data = parent

    def parent_id(self) -> uuid.UUID | None:
        """Return what it is a reply to. Raises NothingToReplyToError for what is no id."""
        try:
            return uuid.UUID(self.parent.data) if self.parent.data else None
        except ValueError as error:
            raise NothingToReplyToError from error


def comment_form(questions: list[DiscussedQuestion], **data: Any) -> CommentForm:
    """Return the form of an event with the questions that it discussed; `data` fills it in."""
    form = CommentForm(**data)
    form.question.choices = [
        SelectChoice("", gettext("The event as a whole")),
        *(
            SelectChoice(question_key(q), gettext("Question %(number)s: %(text)s", number=q.number, text=q.text))
            for q in questions
        ),
    ]
    return form


def question_key(question: DiscussedQuestion) -> str:
    """Return what the form sends for a question: `<consultation>:<number>`."""
    return f"{question.consultation_slug}:{question.number}"
