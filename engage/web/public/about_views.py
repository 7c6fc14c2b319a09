"""What we do with people's details, and how the site can be used by everyone (P15)."""

from flask import Response

from engage.edge import context
from engage.edge.access import access
from engage.edge.answers import show
from engage.edge.revalidation import revalidated
from engage.kernel import clock
from engage.responses.queries import current_notice
from engage.web.public.blueprint import bp


@bp.get("/privacy")
@access("anyone")
@revalidated
def privacy() -> Response:
    """Show the privacy notice that new consents point to."""
    site = context.site()
    notice = current_notice(context.locale(), at=clock.now())
    body = notice.body.replace("{organisation}", site.organisation_name).replace("{contact}", site.contact_email)
    return show("public/about/privacy.html", notice=notice, body=body)


@bp.get("/accessibility")
@access("anyone")
@revalidated
def accessibility() -> Response:
    """Say what works for whom, what does not yet, and whom to tell."""
    return show("public/about/accessibility.html")
