"""The organiser's desk."""

from engage.web.organiser.blueprint import bp

__all__ = ["bp"]
