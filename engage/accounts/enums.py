"""Closed sets."""

from enum import StrEnum


class RoleName(StrEnum):
    """What a person may do here; see `edge/access.py` for which pages each role opens."""

    MEMBER = "member"
    MODERATOR = "moderator"
    ANALYST = "analyst"
    ACCESS_LEAD = "access_lead"
    ORGANISER = "organiser"
    ADMINISTRATOR = "administrator"


class TokenPurpose(StrEnum):
    """What a link that is mailed once allows."""

    CONFIRM = "confirm"
    RESET = "reset"
