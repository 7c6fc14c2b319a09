"""The organiser's desk."""

from engage.web.organiser import (
    access_views,
    attendance_views,
    booking_page_views,
    booking_rules_views,
    booking_views,
    consultation_views,
    desk_views,
    event_views,
    group_views,
    import_views,
    line_up_views,
    mail_plan_views,
    notice_views,
    own_question_views,
    provision_views,
    recording_views,
    response_views,
)
from engage.web.organiser.blueprint import bp

__all__ = [
    "access_views",
    "attendance_views",
    "booking_page_views",
    "booking_rules_views",
    "booking_views",
    "bp",
    "consultation_views",
    "desk_views",
    "event_views",
    "group_views",
    "import_views",
    "line_up_views",
    "mail_plan_views",
    "notice_views",
    "own_question_views",
    "provision_views",
    "recording_views",
    "response_views",
]
