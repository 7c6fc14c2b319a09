"""The few kinds of answer that views give."""

from typing import Any

from flask import Response, g, make_response, redirect, render_template


def show(template: str, *, status: int = 200, **context: Any) -> Response:
    """Render a page."""
    return make_response(render_template(template, **context), status)


def see_other(address: str) -> Response:
    """Answer an accepted form: go and look there (303)."""
    return make_response(redirect(address, 303))


def keep_private() -> None:
    """Say that this answer was opened by a secret and is not to be stored anywhere (S38)."""
    g.private = True


def keep_address_private(answer: Response) -> Response:
    """Let no other page, ours or others', learn the secret in this page's address."""
    answer.headers["Referrer-Policy"] = "strict-origin"
    return answer
