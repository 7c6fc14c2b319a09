"""Closed sets."""

from enum import StrEnum


class InviteState(StrEnum):
    """Whether the entry should stand in somebody's calendar."""

    LIVE = "live"
    CANCELLED = "cancelled"
