"""Changes: receiving, commenting, editing, consenting, withdrawing, moderating."""

from engage.responses.services.answers import Answer
from engage.responses.services.commenting import receive_comment
from engage.responses.services.consenting import change_consents, sent_with
from engage.responses.services.editing import edit
from engage.responses.services.moderating import decide
from engage.responses.services.owning import Owner
from engage.responses.services.receiving import receive_answers
from engage.responses.services.senders import Naming, Sender
from engage.responses.services.withdrawing import withdraw, withdraw_own

__all__ = [
    "Answer",
    "Naming",
    "Owner",
    "Sender",
    "change_consents",
    "decide",
    "edit",
    "receive_answers",
    "receive_comment",
    "sent_with",
    "withdraw",
    "withdraw_own",
]
