"""Who is signed in. The cookie holds the id of a row; without the row it is worth nothing (S17)."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import validate_csrf
from wtforms.validators import ValidationError

from engage.accounts.enums import RoleName
from engage.accounts.models import SessionRecord
from engage.accounts.queries import find_session
from engage.edge import context
from engage.kernel import clock
from engage.kernel.errors import NotAllowedError
from engage.kernel.i18n import N_

IDLE_LIMIT = timedelta(hours=8)  # without a request; the row itself ends after seven days


class OldPageError(NotAllowedError):
    """A button of a page that was opened before this sign-in."""

    message = N_(
        "This page was open for too long, so we did nothing. Please open it again and press the button once more."
    )


@dataclass(frozen=True, eq=False)
class SignedIn(UserMixin):  # type: ignore[misc]  # flask_login brings no types
    """The person behind this request: a copy, so that no transaction makes it stale half way."""

    session_id: uuid.UUID
    id: uuid.UUID
    email: str
    name: str
    organisation: str | None
    roles: frozenset[RoleName]

    def get_id(self) -> str:
        """Return what the cookie holds: the id of the sign-in, not of the person."""
        return str(self.session_id)

    def role_names(self) -> frozenset[RoleName]:
        """Return the roles that the person holds."""
        return self.roles


def init_app(app: Flask) -> None:
    """Set up the session cookie and how a request finds its person.

    With https the cookie's name has the prefix that ties it to this host alone.
    """
    https = app.extensions[context.EXTENSION].https
    app.config.update(
        SESSION_COOKIE_NAME="__Host-engage" if https else "engage",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_DOMAIN=None,
        PERMANENT_SESSION_LIFETIME=IDLE_LIMIT,
        SESSION_REFRESH_EACH_REQUEST=True,
    )
    manager = LoginManager(app)
    manager.session_protection = None  # it would put a hash of address and browser into the cookie
    manager.user_loader(_find_person)


def _find_person(session_id: str) -> SignedIn | None:
    try:
        record = find_session(uuid.UUID(session_id), at=clock.now())
    except ValueError:
        return None
    return None if record is None else _copy(record)


def _copy(record: SessionRecord) -> SignedIn:
    person = record.person
    return SignedIn(
        session_id=record.id,
        id=person.id,
        email=person.email,
        name=person.name,
        organisation=person.organisation,
        roles=person.role_names(),
    )


def current_person() -> SignedIn | None:
    """Return who is signed in, or None for a visitor."""
    person = current_user._get_current_object()
    return person if isinstance(person, SignedIn) else None


def sign_in(record: SessionRecord) -> None:
    """Put a sign-in that was stored into the cookie; whatever the cookie held before is gone."""
    session.clear()
    session.permanent = True
    login_user(_copy(record))
    session.pop("_id", None)


def sign_out() -> None:
    """Empty the cookie. The caller ends the row."""
    logout_user()
    session.clear()


def check_token() -> None:
    """Hold the `csrf_token` of a form that is only a button. Raises OldPageError."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as error:
        raise OldPageError from error


def actor_id() -> uuid.UUID | None:
    """Return the id of whoever is signed in, for the audit."""
    person = current_person()
    return None if person is None else person.id
