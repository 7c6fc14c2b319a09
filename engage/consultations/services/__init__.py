"""Changes."""

from engage.consultations.services.creating import NewFramework, NewQuestion, create_consultation
from engage.consultations.services.details import ConsultationDetails, HoldRules, Times
from engage.consultations.services.life import (
    change_consultation,
    close_consultation,
    draft_consultation,
    end_late_answers,
    move_closing,
    open_consultation,
    take_late_answers,
    withdraw_consultation,
)
from engage.consultations.services.locking import lock_question
from engage.consultations.services.questions import (
    QuestionDetails,
    add_question,
    change_question,
    move_question_up,
    remove_question,
)

__all__ = [
    "ConsultationDetails",
    "HoldRules",
    "NewFramework",
    "NewQuestion",
    "QuestionDetails",
    "Times",
    "add_question",
    "change_consultation",
    "change_question",
    "close_consultation",
    "create_consultation",
    "draft_consultation",
    "end_late_answers",
    "lock_question",
    "move_closing",
    "move_question_up",
    "open_consultation",
    "remove_question",
    "take_late_answers",
    "withdraw_consultation",
]
