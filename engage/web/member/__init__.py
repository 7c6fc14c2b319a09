"""Signing in, and a member's own pages."""

from engage.web.member import (
    account_views,
    calendar_views,
    joining_views,
    password_views,
    response_views,
    sign_in_views,
)
from engage.web.member.blueprint import bp

__all__ = [
    "account_views",
    "bp",
    "calendar_views",
    "joining_views",
    "password_views",
    "response_views",
    "sign_in_views",
]
