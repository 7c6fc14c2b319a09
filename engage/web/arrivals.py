"""What a public form's request tells of how it was sent."""

from flask import request

from engage.edge.forms import PublicForm
from engage.kernel import clock
from engage.kernel.tokens import key_age_s
from engage.responses.spam.arrivals import Arrival

TRAP = "website"
LONGEST_HEADER = 500


def arrival_of(form: PublicForm) -> Arrival:
    """Return how a form came back; `TRAP` is its field that nobody sees."""
    return Arrival(
        is_trapped=bool(form[TRAP].data),
        seconds=key_age_s(form.submission_key.data or "", clock.now()),
        address=request.remote_addr or "",
        agent=(request.user_agent.string or "")[:LONGEST_HEADER],
        referrer=(request.referrer or "").partition("?")[0][:LONGEST_HEADER],
    )
