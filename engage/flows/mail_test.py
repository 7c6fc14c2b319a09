"""A test mail to an administrator, by the same way as every other."""

import uuid
from datetime import datetime

from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.services import queue

ABOUT = "person"


def send_test_mail(person_id: uuid.UUID, *, address: str, name: str, locale: str, site: Site, at: datetime) -> None:
    """Queue a test mail to whoever asked for it."""
    queue(
        MessageKind.MAIL_TEST,
        logical_key=f"mail_test:{uuid.uuid4()}",
        to_addr=address,
        facts={"name": name},
        locale=locale,
        about_type=ABOUT,
        about_id=person_id,
        site=site,
        at=at,
    )
