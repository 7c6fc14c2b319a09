"""A HEAD request is a GET whose body nobody wants.

Views that serve GET and POST ask whether the method is GET; a HEAD that reached them as such would be taken for the
other one, and HEAD needs no proof of its origin (S10). So none of them ever sees it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class HeadAsGet:
    """A WSGI app that answers HEAD with the head of what GET gives."""

    def __init__(self, app: "WSGIApplication") -> None:
        """Stand before an app."""
        self.app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        if environ["REQUEST_METHOD"] != "HEAD":
            return self.app(environ, start_response)
        body = self.app({**environ, "REQUEST_METHOD": "GET"}, start_response)
        getattr(body, "close", lambda: None)()
        return []
