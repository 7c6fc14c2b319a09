"""Who may open which page: every view declares it, and what is not declared does not start (S20)."""

from collections.abc import Callable
from typing import TypedDict, TypeVar, cast
from urllib.parse import quote

from flask import Flask, Response, g, redirect, request
from flask_login import current_user

from engage.accounts.enums import RoleName
from engage.edge.answers import show
from engage.kernel.errors import NotFoundError

View = TypeVar("View", bound=Callable[..., object])

ANYONE = "anyone"
# Opened by what the address carries; the view itself proves it.
LINKS = frozenset(
    {"account link", "booking link", "calendar link", "draft link", "event pass", "receipt", "speaker link"}
)
ROLES = frozenset(role.value for role in RoleName)
# What a role may do besides its own name.
ALSO = {
    RoleName.ADMINISTRATOR: frozenset({"member", "moderator", "access_lead", "organiser", "administrator"}),
    RoleName.ORGANISER: frozenset({"member", "moderator", "organiser"}),
}


class Rule(TypedDict):
    """One route and who may open it, as `flask access --json` prints it."""

    rule: str
    methods: list[str]
    endpoint: str
    who: list[str]


def access(*who: str) -> Callable[[View], View]:
    """Declare who may open a view: "anyone", a kind of link, or roles ("member" is anybody signed in)."""
    unknown = set(who) - LINKS - ROLES - {ANYONE, "development"}
    if unknown or not who:
        raise ValueError(f"unknown kinds of people: {unknown or 'none named'}")

    def mark(view: View) -> View:
        setattr(view, "access", frozenset(who))  # noqa: B010 - functions have no typed attributes
        return view

    return mark


def declared(app: Flask, endpoint: str) -> frozenset[str]:
    """Return who may open an endpoint; empty when nothing is declared."""
    return cast("frozenset[str]", getattr(app.view_functions[endpoint], "access", frozenset()))


def rules(app: Flask) -> list[Rule]:
    """Return every route with who may open it."""
    return [
        Rule(
            rule=rule.rule,
            methods=sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}),
            endpoint=rule.endpoint,
            who=sorted(declared(app, rule.endpoint)),
        )
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    ]


def roles_held() -> frozenset[str]:
    """Return what the signed-in person may act as; empty for a visitor."""
    if not current_user.is_authenticated:
        return frozenset()
    held: set[str] = {RoleName.MEMBER.value}
    for role in current_user.role_names():
        held |= {role.value} | ALSO.get(role, frozenset())
    return frozenset(held)


def init_app(app: Flask) -> None:
    """Guard every request, and refuse to start with a route that nobody declared."""
    undeclared = [r.endpoint for r in app.url_map.iter_rules() if not declared(app, r.endpoint)]
    if undeclared:
        raise RuntimeError(f"no @access(…) on: {', '.join(sorted(undeclared))}")

    @app.before_request
    def guard() -> Response | None:
        if request.endpoint is None:
            return None
        who = declared(app, request.endpoint)
        g.behind_sign_in = not who & (LINKS | {ANYONE, "development"})
        if not g.behind_sign_in or who & roles_held():
            return None
        if current_user.is_authenticated:
            raise NotFoundError
        if request.method == "POST" and any(name != "csrf_token" for name in request.form):
            return _give_back()
        here = request.full_path.rstrip("?") if request.method == "GET" else "/account/"
        return cast("Response", redirect(f"/sign-in?next={quote(here)}", 303))


def _give_back() -> Response:
    """Give what was typed back to somebody whose sign-in ended meanwhile (R35)."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return show("errors/signed_out.html", status=403, typed=typed, address=request.full_path.rstrip("?"))
