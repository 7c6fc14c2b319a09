"""Signing in, and a member's own pages."""

from engage.web.member.blueprint import bp

__all__ = ["bp"]
