"""Structured logs in UTC (S35). No line holds an address, an agent, a token or a person (P5, P21)."""

import logging
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from config import Settings
from engage.audit.services import current_request_id

log = structlog.get_logger("engage")


def configure(settings: Settings) -> None:
    """Write lines to standard error, as text or as JSON; control characters are escaped in both."""
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if settings.log_format == "text":
        renderer = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def is_anonymous_sitting() -> bool:
    """Tell whether this request is, or may be, somebody's anonymous answer or comment, or a change of one.

    What a receipt opens may be anybody's: nothing is noted of those who change their words by one.
    """
    if request.method != "POST":
        return False
    if request.path.startswith("/receipts/"):
        return True
    try:
        return request.form.get("attribution") == "anonymous"
    except HTTPException:  # too large to be read, or cut off
        return True


def init_app(app: Flask) -> None:
    """Give each request an id and, when it is over, a line with its route, not its path."""

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.began = time.perf_counter()
        current_request_id.set(g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        took = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000)
        if response.status_code >= 500:  # 4xx stand in the line's status
            log.warning("request failed", request_id=g.get("request_id"), route=route, status=response.status_code)
        elif request.method not in {"GET", "HEAD"} and not is_anonymous_sitting():
            # A line about an anonymous sitting would tell its second, beside the sign-ins just before it (P5).
            log.info(
                "request",
                request_id=g.get("request_id"),
                method=request.method,
                route=route,
                status=response.status_code,
                ms=took,
            )
        return response
