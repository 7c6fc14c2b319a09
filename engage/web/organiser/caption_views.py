"""What is said in people's recordings, written down at the desk."""

import uuid

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from engage.edge.access import access
from engage.edge.answers import see_other
from engage.kernel import clock
from engage.responses.moderation_queries import queue_item
from engage.responses.services.captioning import write_down_at_desk
from engage.web.captioning import Writing, write_down_words
from engage.web.organiser.blueprint import bp


@bp.route("/organise/responses/<uuid:response_id>/captions", methods=["GET", "POST"])
@access("moderator")
def write_captions(response_id: uuid.UUID) -> Response:
    """Write down what is said in a recording; it stays where it stands."""
    moderator, back = current_user.id, url_for("organiser.decide_on_response", response_id=response_id)

    def done(changed: bool) -> Response:
        flash(_("What is said stands with the recording.") if changed else _("Nothing was changed."))
        return see_other(back)

    writing = Writing(
        read=lambda: queue_item(response_id).record,
        keep=lambda written: write_down_at_desk(response_id, written, moderator=moderator, at=clock.now()),
        play=lambda media_id: url_for("public.play", media_id=media_id, part="recording"),
        back=(_("One response"), back),
        done=done,
        here="responses",
        at_desk=True,
    )
    return write_down_words(writing, is_post=request.method == "POST")
