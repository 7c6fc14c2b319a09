"""The own pages of somebody who is asked to speak, opened by their private link."""

from engage.web.speaker import calendar_views, speaker_views, way_in_views
from engage.web.speaker.blueprint import bp

__all__ = ["bp", "calendar_views", "speaker_views", "way_in_views"]
