"""For those who keep the site running, and a developer's view of the mail."""

from engage.web.operations import dev_mail_views, health_views
from engage.web.operations.blueprint import bp

__all__ = ["bp", "dev_mail_views", "health_views"]
