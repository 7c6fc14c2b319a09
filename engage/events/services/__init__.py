"""Changing events: their life, their line-up and questions, and their places."""

from engage.events.services.booking_rules import BookingRules, lock_open_event, set_booking_rules
from engage.events.services.groups import (
    RELEASE_GROUP,
    add_group,
    change_group,
    release_before_start,
    release_group,
    renew_group_link,
)
from engage.events.services.life import (
    EventChange,
    EventFacts,
    create_event,
    mark_cancelled,
    publish_event,
    set_recording,
    update_event,
)
from engage.events.services.line_up import (
    SpeakerChange,
    add_speaker,
    change_speaker,
    move_speaker,
    put_back_speaker,
    remove_speaker,
    set_questions,
)
from engage.events.services.places import (
    EVENT_FULL,
    free_all_places,
    free_count,
    free_places,
    group_has,
    take_places,
)
from engage.events.services.provision import (
    add_provision,
    change_provision,
    get_provision,
    remove_provision,
    tick_arranged,
    tick_provided,
)

__all__ = [
    "EVENT_FULL",
    "RELEASE_GROUP",
    "BookingRules",
    "EventChange",
    "EventFacts",
    "SpeakerChange",
    "add_group",
    "add_provision",
    "add_speaker",
    "change_group",
    "change_provision",
    "change_speaker",
    "create_event",
    "free_all_places",
    "free_count",
    "free_places",
    "get_provision",
    "group_has",
    "lock_open_event",
    "mark_cancelled",
    "move_speaker",
    "publish_event",
    "put_back_speaker",
    "release_before_start",
    "release_group",
    "remove_provision",
    "remove_speaker",
    "renew_group_link",
    "set_booking_rules",
    "set_questions",
    "set_recording",
    "take_places",
    "tick_arranged",
    "tick_provided",
    "update_event",
]
