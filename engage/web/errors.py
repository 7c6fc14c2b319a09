"""Refusals and faults as pages: the one map from errors to HTTP."""

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from engage.edge import context
from engage.edge.limits import TooManyError
from engage.edge.logs import log
from engage.kernel.errors import (
    ConflictError,
    EngageError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    UnavailableError,
)

STATUS: dict[type[EngageError], int] = {
    NotFoundError: 404,
    NotAllowedError: 403,
    ConflictError: 409,
    InvalidError: 422,
    TooManyError: 429,
    UnavailableError: 503,
}


def status_of(error: EngageError) -> int:
    """Return the HTTP status of a refusal."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 422)


def _words(status: int) -> tuple[str, str, str]:
    """Return the title, the sentence and what to do next of a status."""
    if status == 404:
        return (
            gettext("We could not find that page"),
            gettext("The address may be mistyped, or the link may be old or already used up."),
            gettext("Start again from the home page, or look at the programme."),
        )
    if status in {401, 403}:
        return (
            gettext("That is not open to you"),
            gettext("Nothing was changed."),
            gettext("Go back and try it from our own page."),
        )
    if status == 405:
        return (
            gettext("That does not work here"),
            gettext("The page was asked for in a way that it does not answer."),
            gettext("Start again from the home page."),
        )
    if status == 409:
        return (
            gettext("That is not possible now"),
            gettext("Something has changed since the page was opened."),
            gettext("Open the page again to see how things are."),
        )
    if status == 413:
        return (
            gettext("That was too much to send"),
            gettext("What was sent is larger than this page takes, so nothing was stored."),
            gettext("Go back: what you typed is still there. Shorten it and send it again."),
        )
    if status == 429:
        return (
            gettext("Please wait a little"),
            gettext("That was too often in a short time."),
            gettext("Go back in a minute and try again."),
        )
    if status == 503:
        return (
            gettext("We are very busy"),
            gettext("Nothing was lost and nothing was stored."),
            gettext("Please try again in a few seconds."),
        )
    if status >= 500:
        return (
            gettext("Something went wrong here"),
            gettext("It is our fault, not yours, and it has been noted."),
            gettext("Please try again. If it happens once more, write to us and give this number."),
        )
    return (
        gettext("We could not use that"),
        gettext("What was sent could not be read."),
        gettext("Go back and try again."),
    )


def error_page(status: int, sentence: str | None = None) -> Response:
    """Return the page of an error, with an id to quote when the fault is ours (S33)."""
    title, usual, what_next = _words(status)
    page = render_template(
        "errors/error.html",
        title=title,
        sentence=sentence or usual,
        what_next=what_next,
        error_id=g.get("request_id") if status >= 500 else None,
    )
    return make_response(page, status)


def init_app(app: Flask) -> None:
    """Register the map."""

    @app.errorhandler(EngageError)
    def refused(error: EngageError) -> Response:
        answer = error_page(status_of(error), None if type(error) is NotFoundError else error.text(context.locale()))
        if isinstance(error, TooManyError):
            answer.headers["Retry-After"] = str(error.retry_after)
        elif isinstance(error, UnavailableError):
            answer.headers["Retry-After"] = "3"
        return answer

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:  # redirects of the router
            return error.get_response()  # type: ignore[return-value]
        answer = error_page(error.code)
        for name, value in error.get_headers(request.environ):
            if name.lower() in {"allow", "retry-after"}:
                answer.headers[name] = value
        return answer

    @app.errorhandler(OperationalError)
    def database_away(error: OperationalError) -> Response:
        log.error("database away", request_id=g.get("request_id"), kind=type(error.orig).__name__)
        return refused(UnavailableError())

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        log.error("unforeseen", request_id=g.get("request_id"), exc_info=error)
        return error_page(500)
