"""Addresses that no page can have."""

from flask import Flask, request

from engage.kernel.errors import NotFoundError


def init_app(app: Flask) -> None:
    """Answer "not found" to an address with a NUL in it: no slug has one, and PostgreSQL takes none (S24)."""

    @app.before_request
    def refuse_nul() -> None:
        if "\0" in request.path or any("\0" in value for value in request.args.values()):
            raise NotFoundError
