"""The organiser's desk."""

from engage.web.organiser import consultation_views, response_views
from engage.web.organiser.blueprint import bp

__all__ = ["bp", "consultation_views", "response_views"]
