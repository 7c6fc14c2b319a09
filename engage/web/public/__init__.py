"""Pages for anyone, and pages opened by a private link."""

from engage.web.public import about_views
from engage.web.public.blueprint import bp

__all__ = ["about_views", "bp"]
