"""The mail about a sitting."""

from datetime import datetime

from engage.kernel.settings import Site
from engage.mail.enums import MessageKind
from engage.mail.services import queue
from engage.responses.models import Submission


def queue_receipt(
    submission: Submission, *, to_addr: str, key: str, title: str, locale: str, site: Site, at: datetime
) -> None:
    """Promise the receipt to somebody who gave an address; never for an anonymous sitting (P2).

    The facts hold the form's key: the receipt code is made of it and a secret when the mail is rendered, so
    nothing in the database opens the receipt (S12).
    """
    queue(
        MessageKind.RECEIPT,
        logical_key=f"receipt:{submission.id}",
        to_addr=to_addr,
        facts={
            "receipt_key": key,
            "kind": submission.responses[0].kind.value,
            "about_title": title,
            "count": len(submission.responses),
        },
        locale=locale,
        about_type="submission",
        about_id=submission.id,
        site=site,
        at=at,
    )
