"""Pages of long lists."""

from flask import request

from engage.responses.queries import LAST_PAGE


def page_number() -> int:
    """Return the page that the address, or a form, asks for; 1 for whatever is no page."""
    asked = request.values.get("page", "1")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 6):
        return 1
    return min(max(1, int(asked)), LAST_PAGE)
