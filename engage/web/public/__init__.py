"""Pages for anyone, and pages opened by a private link."""

from engage.web.public import (
    about_views,
    access_needs_views,
    booking_change_views,
    booking_views,
    certificate_views,
    comment_views,
    consultation_views,
    event_views,
    feed_views,
    find_booking_views,
    guest_views,
    home_views,
    join_views,
    own_answers_views,
    receipt_views,
    reminder_views,
    respond_views,
)
from engage.web.public.blueprint import bp

__all__ = [
    "about_views",
    "access_needs_views",
    "booking_change_views",
    "booking_views",
    "bp",
    "certificate_views",
    "comment_views",
    "consultation_views",
    "event_views",
    "feed_views",
    "find_booking_views",
    "guest_views",
    "home_views",
    "join_views",
    "own_answers_views",
    "receipt_views",
    "reminder_views",
    "respond_views",
]
