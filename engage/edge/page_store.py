"""Pages for visitors, made once and given again while one query says that nothing on them changed.

It stands before Flask, so that a stored page costs that query and little else. Whoever sends the session cookie is
passed on, and so is an address that asks for more than a language or a result; private pages are never made for it.
See docs/decisions/0004-page-store.md.
"""

import re
import threading
import time as timer
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

from flask import Flask, Response, request
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from engage.edge import context
from engage.edge.release import release
from engage.edge.stored_page import FOUND, KEY, Draft, Page, Seen
from engage.kernel import clock
from engage.kernel.db import db, reader_options
from engage.kernel.errors import UnavailableError
from engage.kernel.tokens import new_submission_key
from engage.kernel.versions import Version, VersionQuery, unchanged_mark

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EXTENSION = "engage-page-store"
MOST_PAGES = 500
MOST_BYTES = 8_000_000
QUERY = re.compile(r"(?:lang=[a-z]{2,3}|result=[a-z]{1,20})?")
BUSY_S = 0.05  # after a commit the next is near, and the mark would be asked in vain
SLOT = "engage.page_store"
Parameters = ParamSpec("Parameters")
Visit = tuple[str, ...]


class Slot:
    """Where a view leaves word of the page that it makes."""

    def __init__(self) -> None:
        """Begin without a page."""
        self.draft: Draft | None = None


class PageStore:
    """A WSGI app that answers from the store, and keeps what the app behind it makes for the store."""

    def __init__(self, app: "WSGIApplication", settings: Settings, engine: Engine, *, cookie: str) -> None:
        """Stand before an app; `engine` gives connections that read without a transaction."""
        self.app = app
        self.settings = settings
        self.languages = context.languages_of(settings)
        self.engine = engine
        self.driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error
        self.cookie = cookie
        self.release = release(settings)
        self.pages: OrderedDict[Visit, Page] = OrderedDict()
        self.bytes = 0
        self.lock = threading.Lock()
        self.busy_until = 0.0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        visit = self._visit(environ)
        if visit is None:
            return self.app(environ, start_response)
        page = self._find(visit)
        if page is not None:
            version = self._version_now(page)
            if version is not None and page.shows(version, clock.now()):
                return self._give(page, version, environ, start_response)
        return self._make(visit, environ, start_response)

    def _visit(self, environ: "WSGIEnvironment") -> Visit | None:
        """Return all of a request that may decide its page, or None when the store has no part in it."""
        if environ["REQUEST_METHOD"] != "GET" or self.cookie in environ.get("HTTP_COOKIE", ""):
            return None
        query = environ.get("QUERY_STRING", "")
        if not QUERY.fullmatch(query):
            return None
        return (
            environ["PATH_INFO"],
            query,
            environ.get("HTTP_HOST", ""),
            environ["wsgi.url_scheme"],
            context.language("", environ.get("HTTP_ACCEPT_LANGUAGE", ""), self.languages),
        )

    def _version_now(self, page: Page) -> Version | None:
        """Ask what decides a page; None when the database does not answer, which the page itself will say."""
        try:
            connection = self.engine.raw_connection()
        except (SQLAlchemyError, self.driver_error):
            return None
        try:
            driver, dialect = connection.dbapi_connection, self.engine.dialect.name
            mark, seen = None, page.seen
            if timer.monotonic() >= self.busy_until:
                mark = unchanged_mark(driver, dialect)
                if seen is not None and seen.mark == mark:
                    return seen.version
                if seen is not None:
                    self.busy_until = timer.monotonic() + BUSY_S
            version = page.query.version(driver, dialect, page.names)
            # The mark was made first: what is committed between the two makes the next one another.
            page.seen = None if mark is None else Seen(mark, version)
            return version
        except self.driver_error:
            connection.invalidate()
            return None
        finally:
            connection.close()

    def _make(self, visit: Visit, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Let the app answer; what a view made for the store is kept and then given as from the store."""
        slot = environ[SLOT] = Slot()
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def wait(
            status: str, headers: list[tuple[str, str]], exc_info: "OptExcInfo | None" = None, /
        ) -> Callable[[bytes], object]:
            if slot.draft is None:
                return start_response(status, headers, exc_info)
            head.append((status, headers))
            return _no_write

        answer = self.app(environ, wait)
        if slot.draft is None or not head:
            return answer
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        status, headers = head[-1]
        page = Page.of(slot.draft, headers, body, about=(self.release, *visit))
        if status == FOUND and not any(name.lower() == "set-cookie" for name, _ in headers):
            self._keep(visit, page)
        return self._give(page, slot.draft.version, environ, start_response, status=status)

    def _give(
        self,
        page: Page,
        version: Version,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
        *,
        status: str = FOUND,
    ) -> Iterable[bytes]:
        key = new_submission_key(self.settings.link_secrets, clock.now()) if KEY in page.gaps else ""
        status, headers, body = page.answer(status, version, key, environ.get("HTTP_IF_NONE_MATCH", ""))
        start_response(status, headers)
        return [body]

    def clear(self) -> None:
        """Forget every page."""
        with self.lock:
            self.pages.clear()
            self.bytes = 0

    def _find(self, visit: Visit) -> Page | None:
        with self.lock:
            page = self.pages.get(visit)
            if page is not None:
                self.pages.move_to_end(visit)
        return page

    def _keep(self, visit: Visit, page: Page) -> None:
        with self.lock:
            old = self.pages.pop(visit, None)
            self.bytes += page.size - (old.size if old else 0)
            self.pages[visit] = page
            while len(self.pages) > MOST_PAGES or self.bytes > MOST_BYTES:
                _, oldest = self.pages.popitem(last=False)
                self.bytes -= oldest.size


def _no_write(_data: bytes) -> None:
    raise RuntimeError("an app of ours returns its body")


def stored(query: VersionQuery) -> Callable[[Callable[Parameters, Response]], Callable[Parameters, Response]]:
    """Keep what a view shows to visitors for as long as the query gives the same rows.

    The view's arguments are the query's parameters. It says by `shown_until` when its page changes by itself.
    """

    def decorate(view: Callable[Parameters, Response]) -> Callable[Parameters, Response]:
        @wraps(view)
        def answer(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Response:
            slot: Slot | None = request.environ.get(SLOT)
            if slot is not None:
                at = clock.now()
                version = _version_in_snapshot(query, kwargs)
                slot.draft = Draft(query, kwargs, version, since=at, until=_end_of_day(at))
            return view(*args, **kwargs)

        return answer

    return decorate


def draft() -> Draft | None:
    """Return the page that this request makes for the store, if it does."""
    slot: Slot | None = request.environ.get(SLOT)
    return None if slot is None else slot.draft


def shown_until(moment: datetime | None) -> None:
    """Say that what this page shows changes by itself at a moment; the earliest one counts."""
    page = draft()
    if page is not None and moment is not None:
        page.until = min(page.until, moment)


def _version_in_snapshot(query: VersionQuery, names: Mapping[str, Any]) -> Version:
    """Ask in a transaction that sees one state throughout, so that what the view reads next is of this version."""
    dialect = db.engine.dialect
    options = {} if dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    connection = db.session.connection(execution_options=options).connection.dbapi_connection
    try:
        return query.version(connection, dialect.name, names)
    except dialect.loaded_dbapi.Error as error:
        db.session().invalidate()  # the connection may be lost, which the session would learn when it closes
        raise UnavailableError from error


def _end_of_day(at: datetime) -> datetime:
    """Return when the day ends in UTC: public counts go up to yesterday (P4)."""
    return datetime.combine(at.date() + timedelta(days=1), time(), UTC)


def init_app(app: Flask, settings: Settings) -> None:
    """Put the store before the app."""
    with app.app_context():
        engine = create_engine(db.engine.url, **reader_options(settings.database_url))
    store = PageStore(app.wsgi_app, settings, engine, cookie=app.config["SESSION_COOKIE_NAME"])
    app.extensions[EXTENSION] = store
    app.wsgi_app = store  # type: ignore[method-assign]
