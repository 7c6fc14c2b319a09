"""The form of a moderator's decision."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from engage.edge.forms import SignedInForm, text_field
from engage.responses.describing import REASONS
from engage.responses.enums import ModerationAction, ReasonCode, ResponseStatus
from engage.responses.moderation_queries import QueueItem
from engage.responses.records import State
from engage.responses.services.moderating import LONGEST_NOTE, Verdict
from engage.responses.services.sittings import LONGEST_BODY

WORDS = {
    ModerationAction.PUBLISH: lazy_gettext("Publish"),
    ModerationAction.REDACT: lazy_gettext("Publish without some words"),
    ModerationAction.REFUSE: lazy_gettext("Refuse"),
    ModerationAction.HOLD: lazy_gettext("Hold back for another look"),
    ModerationAction.RESTORE: lazy_gettext("Restore"),
}
WITH_RECORDING = {
    ModerationAction.REDACT: lazy_gettext("Publish without the recording, and without some words"),
}


class DecisionForm(SignedInForm):
    """What becomes of a response; `decision_form` offers what is possible now."""

    version = HiddenField()
    stood = HiddenField()
    action = RadioField(
        lazy_gettext("Your decision"),
        choices=[SelectChoice(action.value, words) for action, words in WORDS.items()],
        validators=[InputRequired(lazy_gettext("Choose what is to become of it."))],
    )
    body = text_field(lazy_gettext("The words that are left"), limit=LONGEST_BODY, multiline=True)
    reason_code = SelectField(
        lazy_gettext("Reason"),
        choices=[
            SelectChoice("", lazy_gettext("Choose a reason")),
            *(SelectChoice(code.value, lazy_gettext(words)) for code, words in REASONS.items()),
        ],
        default="",
    )
    note = text_field(lazy_gettext("Note to the author"), limit=LONGEST_NOTE, multiline=True)

    @property
    def decision(self) -> ModerationAction:
        """Return what was decided."""
        return ModerationAction(self.action.data)

    def verdict(self) -> Verdict:
        """Return the decision as the services take it."""
        version, stood = self.version.data or "", self.stood.data or ""
        return Verdict(
            self.decision,
            ReasonCode(self.reason_code.data) if self.reason_code.data else None,
            note=self.note.data,
            body=self.body.data or "",
            seen=int(version) if version.isascii() and version.isdigit() and len(version) < 9 else -1,
            stood=ResponseStatus(stood) if stood in set(ResponseStatus) else ResponseStatus.WITHDRAWN,  # as none is
        )

    def show_possible(self, item: QueueItem, version: int) -> None:
        """Offer what may be decided on a response as it is now; that, and its version, is what the moderator reads."""
        possible = _possible(item)
        words = WORDS | (WITH_RECORDING if item.record.recording else {})
        self.action.choices = [
            SelectChoice(action.value, said) for action, said in words.items() if action.value in possible
        ]
        self.version.data, self.stood.data = str(version), item.status.value
        if not self.is_submitted():
            self.body.data = item.record.body


def _possible(item: QueueItem) -> set[str]:
    record = item.record
    actions = {ModerationAction.REFUSE, ModerationAction.HOLD, ModerationAction.REDACT, ModerationAction.PUBLISH}
    if item.is_redacted or record.is_stopped or record.state in (State.REFUSED, State.HELD):
        actions.add(ModerationAction.RESTORE)
    actions -= {
        State.PUBLISHED: set() if item.flags else {ModerationAction.PUBLISH},  # again, it says that flags are settled
        State.REFUSED: {ModerationAction.REFUSE},
        State.HELD: {ModerationAction.HOLD},
    }.get(record.state, set())
    return {action.value for action in actions}


def said(action: ModerationAction, *, told: bool) -> str:
    """Return what a moderator reads once a decision is stored."""
    told_words = (
        gettext("Its author gets a mail with the reason.")
        if told
        else gettext("Its author can read why on the receipt.")
    )
    sentences: dict[ModerationAction, Any] = {
        ModerationAction.PUBLISH: gettext("The response is published: everybody can read it."),
        ModerationAction.REDACT: f"{gettext('The words that are left are stored.')} {told_words}",
        ModerationAction.REFUSE: f"{gettext('The response is not published.')} {told_words}",
        ModerationAction.HOLD: gettext("The response is held back. Nobody but moderators can read it."),
        ModerationAction.RESTORE: gettext("The author’s own words stand again."),
    }
    return str(sentences[action])
