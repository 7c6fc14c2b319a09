"""The form of answers that were saved: it carries which state of them its author saw (R11)."""

from typing import Any

from wtforms import HiddenField

from engage.consultations.models import Consultation
from engage.responses.models import AnswerDraft
from engage.responses.services.drafts import draft_version
from engage.web.answer_forms import AnswerForm, make_answer_form
from engage.web.two_versions import Versions, merge, note_beginning

APART = {"submission_key", "version", "began"}


class DraftForm(AnswerForm):
    """The answers, and what they began with."""

    version = HiddenField()
    began = HiddenField()

    def compared(self) -> list[str]:
        """Return the names of the fields that two places may have changed."""
        return [name for name in self._fields if name not in APART and not name.startswith(("media-", "seen-"))]


def sent_draft_form(consultation: Consultation) -> DraftForm:
    """Return the form as it was sent."""
    return make_answer_form(DraftForm, consultation, None)


def saved_draft_form(consultation: Consultation, draft: AnswerDraft) -> DraftForm:
    """Return the form of what is saved now."""
    form = _filled(consultation, draft)
    form.version.data = draft_version(draft)
    note_beginning(form, form.compared())
    form.renew_key()
    return form


def put_together(form: DraftForm, consultation: Consultation, draft: AnswerDraft) -> Versions:
    """Put into a stale form what was saved in another place meanwhile; return what its author has to choose between."""
    versions = merge(form, _filled(consultation, draft), form.compared())
    form.version.data = draft_version(draft)
    return versions


def _filled(consultation: Consultation, draft: AnswerDraft) -> DraftForm:
    typed: dict[str, Any] = {**draft.answers, "email": draft.email}
    return make_answer_form(DraftForm, consultation, typed, formdata=None)
