"""Changes."""

from engage.consultations.services.creating import NewFramework, NewQuestion, create_consultation
from engage.consultations.services.details import ConsultationDetails, Times
from engage.consultations.services.footnotes import (
    FootnoteDetails,
    add_footnote,
    change_footnote,
    footnote_of,
    remove_footnote,
)
from engage.consultations.services.frameworks import (
    FrameworkDetails,
    ThemeDetails,
    add_framework,
    add_theme,
    change_framework,
    change_theme,
    framework_of,
    remove_framework,
    remove_theme,
    theme_of,
)
from engage.consultations.services.life import (
    analyse_consultation,
    answer_consultation,
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
from engage.consultations.services.theme_links import (
    LinkDetails,
    change_link,
    link_of,
    link_themes,
    unlink_themes,
)

__all__ = [
    "ConsultationDetails",
    "FootnoteDetails",
    "FrameworkDetails",
    "LinkDetails",
    "NewFramework",
    "NewQuestion",
    "QuestionDetails",
    "ThemeDetails",
    "Times",
    "add_footnote",
    "add_framework",
    "add_question",
    "add_theme",
    "analyse_consultation",
    "answer_consultation",
    "change_consultation",
    "change_footnote",
    "change_framework",
    "change_link",
    "change_question",
    "change_theme",
    "close_consultation",
    "create_consultation",
    "draft_consultation",
    "end_late_answers",
    "footnote_of",
    "framework_of",
    "link_of",
    "link_themes",
    "lock_question",
    "move_closing",
    "move_question_up",
    "open_consultation",
    "remove_footnote",
    "remove_framework",
    "remove_question",
    "remove_theme",
    "take_late_answers",
    "theme_of",
    "unlink_themes",
    "withdraw_consultation",
]
