"""Headers that every answer carries (S3, S4, S38)."""

from flask import Flask, Response, g, request

from engage.edge.context import settings

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)


def init_app(app: Flask) -> None:
    """Add the headers."""

    @app.after_request
    def add(response: Response) -> Response:
        page = response.mimetype == "text/html"
        add_default = response.headers.setdefault
        add_default("Content-Security-Policy", POLICY)
        add_default("X-Content-Type-Options", "nosniff")
        # Pages hold forms, and `no-referrer` would make browsers send `Origin: null` with them.
        add_default("Referrer-Policy", "same-origin" if page else "no-referrer")
        add_default("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()")
        add_default("Cross-Origin-Opener-Policy", "same-origin")
        if settings().https:
            add_default("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        # Whoever sends the cookie may be signed in: asked of the cookie alone, since the database may be away.
        signed_in = app.config["SESSION_COOKIE_NAME"] in request.cookies
        if signed_in or g.get("behind_sign_in", False) or g.get("private", False) or request.method == "POST":
            response.headers["Cache-Control"] = "no-store"
        add_default("Cache-Control", "no-cache")
        if page:
            response.vary.add("Accept-Language")
            response.vary.add("Cookie")
        return response
