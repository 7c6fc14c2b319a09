"""Every change must come from our own pages (S10)."""

from urllib.parse import urlsplit

from flask import Flask, request

from engage.edge.context import settings
from engage.kernel.errors import NotAllowedError
from engage.kernel.i18n import N_

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossSiteError(NotAllowedError):
    """A form of another site was sent to us."""

    message = N_("This was sent from another site, so we did nothing. Please open the page here and send it again.")


def comes_from_here(fetch_site: str | None, origin: str | None, own: set[str]) -> bool:
    """Tell whether a browser says that a request comes from one of our own origins.

    `Sec-Fetch-Site` decides where it is sent; else `Origin`, where "null" is no proof. A client that sends
    neither is no browser: the form's own key or token answers for it. One of these is the mail program that
    stops reminders by one click (RFC 8058): the link to which it posts is the proof.
    """
    if fetch_site is not None:
        return fetch_site == "same-origin"
    return origin is None or origin in own


def init_app(app: Flask) -> None:
    """Refuse unsafe methods without the proof, before any view."""

    @app.before_request
    def prove() -> None:
        if request.method in SAFE:
            return
        base = urlsplit(settings().base_url)
        own = {f"{base.scheme}://{base.netloc}", request.host_url.rstrip("/")}
        headers = request.headers
        if not comes_from_here(headers.get("Sec-Fetch-Site"), headers.get("Origin"), own):
            raise CrossSiteError
