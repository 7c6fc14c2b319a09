"""Engage: consult members, meet them in webinars, and keep what they say in one store."""

__version__ = "0.1.0"
