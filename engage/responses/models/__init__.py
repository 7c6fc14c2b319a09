"""The one store; what moderators and readers say of it; answers that are not sent yet."""

from engage.responses.models.draft import AnswerDraft
from engage.responses.models.moderation import Flag, ModerationDecision, SpamCheck, SpamWord
from engage.responses.models.reaction import Reaction
from engage.responses.models.search import ResponseSearch
from engage.responses.models.store import (
    Consent,
    PrivacyNotice,
    Respondent,
    RespondentIdentity,
    Response,
    ResponseChoice,
    ResponseVersion,
    Submission,
)

__all__ = [
    "AnswerDraft",
    "Consent",
    "Flag",
    "ModerationDecision",
    "PrivacyNotice",
    "Reaction",
    "Respondent",
    "RespondentIdentity",
    "Response",
    "ResponseChoice",
    "ResponseSearch",
    "ResponseVersion",
    "SpamCheck",
    "SpamWord",
    "Submission",
]
