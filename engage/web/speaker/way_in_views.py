"""A speaker's own way in: it opens before the doors do, so that they can try their sound."""

from flask import Response, request, url_for

from engage.bookings.errors import DoorsClosedError
from engage.edge import limits
from engage.edge.access import access
from engage.edge.answers import keep_address_private, show
from engage.edge.forms import PublicForm
from engage.events.enums import NOT_SPEAKING, AppearanceRole
from engage.events.errors import BookingClosedError, EventOverError, NotInLineUpError
from engage.flows.speaking import let_speaker_in, ways_in_open_at
from engage.kernel import clock
from engage.kernel.unit_of_work import unit_of_work
from engage.web.speaker.blueprint import bp
from engage.web.speaker.speaker_views import open_appearance


@bp.route("/speaker/<token>/join", methods=["GET", "POST"])
@access("speaker link")
def join(token: str) -> Response:
    """Say when the way in opens, show the button while it is open, and lead in."""
    appearance, _ = open_appearance(token)
    appearance_id = appearance.id
    if request.method == "GET":
        return _page(token, 200)
    limits.check("manage")
    try:
        with unit_of_work():
            address = let_speaker_in(appearance_id, at=clock.now())
    except (DoorsClosedError, EventOverError, NotInLineUpError, BookingClosedError):
        return _page(token, 409)
    answer = show("public/bookings/joining.html", address=address)
    # Not a redirect: browsers stop one to another origin after a form (form-action 'self').
    answer.headers["Refresh"] = f"1; url={address}"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _page(token: str, status: int) -> Response:
    """Say where the event is now; a refused POST shows the same with its status."""
    appearance, event = open_appearance(token)
    now = clock.now()
    page = show(
        "speaker/join.html",
        status=status,
        event=event,
        chairs=appearance.role is AppearanceRole.CHAIR,
        speaks=appearance.status not in NOT_SPEAKING,
        doors=ways_in_open_at(event),
        own_page=url_for("speaker.show_invitation", token=token),
        token=token,
        form=PublicForm.button(),
        now=now,
    )
    return keep_address_private(page)
