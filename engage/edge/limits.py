"""How often one address or account may do a thing (S18, S31)."""

import hashlib
import hmac
import sqlite3
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from limits import RateLimitItem, parse
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from config import Limit, Settings
from engage.kernel.errors import EngageError
from engage.kernel.i18n import N_, translate
from engage.kernel.text import normalise_email

EXTENSION = "engage-limits"
HOUR_S = 3600


class TooManyError(EngageError):
    """Too often. `retry_after` is in seconds."""

    message = N_(
        "That was too often in a short time. Nothing was lost: please wait {retry_after} seconds and try again."
    )
    message_in_hours = N_("That was too often in one day. Nothing was lost: please try again in {hours} hours.")

    def text(self, locale: str = "en") -> str:
        """Return the sentence in a language, with a wait that people can imagine."""
        if self.retry_after < 2 * HOUR_S:
            return super().text(locale)
        return translate(self.message_in_hours, locale, hours=-(-self.retry_after // HOUR_S))

    @property
    def retry_after(self) -> int:
        """Return after how many seconds it is worth trying again."""
        return int(str(self.values["retry_after"]))


class SqliteStorage(Storage):
    """Counters in a file of their own, shared by the server's processes."""

    STORAGE_SCHEME = ("engage-sqlite",)  # type: ignore[assignment]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_options: Any) -> None:
        """Open nothing yet: each thread opens its own connection on first use."""
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self.path = Path((uri or "").removeprefix("engage-sqlite://"))
        self.local = threading.local()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what may go wrong."""
        return sqlite3.Error

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self.local, "connection"):
            connection = sqlite3.connect(self.path, timeout=2, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA secure_delete=ON")  # what is forgotten is not left in the file
            connection.execute("PRAGMA synchronous=OFF")  # counters may be lost in a power cut
            connection.execute("CREATE TABLE IF NOT EXISTS hit (key TEXT PRIMARY KEY, n INTEGER, expires REAL)")
            self.local.connection = connection
        found: sqlite3.Connection = self.local.connection
        return found

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and begin again when the window is over. Returns the new count."""
        now = time.time()
        row = self._connection().execute(
            "INSERT INTO hit VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
            " n = CASE WHEN expires <= ? THEN excluded.n ELSE n + excluded.n END,"
            " expires = CASE WHEN expires <= ? THEN excluded.expires ELSE expires END RETURNING n",
            (key, amount, now + expiry, now, now),
        )
        count = int(row.fetchone()[0])
        if count == amount:  # a window begins: forget those that are over
            self._connection().execute("DELETE FROM hit WHERE expires <= ?", (now,))
        return count

    def get(self, key: str) -> int:
        """Return the count of a window that is not over."""
        row = self._connection().execute("SELECT n FROM hit WHERE key = ? AND expires > ?", (key, time.time()))
        found = row.fetchone()
        return int(found[0]) if found else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds since 1970."""
        found = self._connection().execute("SELECT expires FROM hit WHERE key = ?", (key,)).fetchone()
        return float(found[0]) if found else time.time()

    def check(self) -> bool:
        """Tell whether the file answers."""
        return bool(self._connection().execute("SELECT 1").fetchone())

    def reset(self) -> int | None:
        """Forget every count."""
        return self._connection().execute("DELETE FROM hit").rowcount

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._connection().execute("DELETE FROM hit WHERE key = ?", (key,))


class Limits:
    """The rules of the settings, over one store."""

    def __init__(self, settings: Settings) -> None:
        """Read the rules."""
        self.rules: list[tuple[Limit, RateLimitItem]] = [(rule, parse(rule.text)) for rule in settings.limits]
        self.strategy = FixedWindowRateLimiter(storage_from_string(settings.limits_url))
        self.secret = settings.link_secrets[0].encode()

    def count(self, name: str, *, address: str, account: str | None, also: Iterable[str] = (), about: str = "") -> None:
        """Count one act under each rule of its name, once for each account that it reaches; each thing for itself.

        Raises `TooManyError` when one is used up.
        """
        accounts = [] if account is None else list(dict.fromkeys(_one_spelling(each) for each in (account, *also)))
        for rule, item in self.rules:
            if rule.name == name:
                for who in [address] if rule.per == "address" else accounts:
                    self._hit(rule, item, f"{who} {about}" if about else who)

    def _hit(self, rule: Limit, item: RateLimitItem, who: str) -> None:
        counter = self._counter(f"{rule.name}:{who}")
        if not self.strategy.hit(item, rule.name, rule.per, counter):
            ends = self.strategy.get_window_stats(item, rule.name, rule.per, counter).reset_time
            raise TooManyError(retry_after=max(1, round(ends - time.time())))

    def _counter(self, who: str) -> str:
        """Return the name of somebody's counter for a rule.

        It does not say who it is, nor that whoever signed in is who commented afterwards (P2).
        """
        return hmac.new(self.secret, who.encode(), hashlib.sha256).hexdigest()[:24]


def _one_spelling(account: str) -> str:
    """Return an address as it is kept, so that no other way to write it (capitals, wide letters) counts anew."""
    try:
        return normalise_email(account)
    except ValueError:
        return account.strip().lower()


def init_app(app: Flask, settings: Settings) -> None:
    """Keep the limits with the app."""
    app.extensions[EXTENSION] = Limits(settings)


def check(name: str, *, account: str | None = None, also: Iterable[str] = (), about: str = "") -> None:
    """Count one act of this request's sender, before its transaction. Raises `TooManyError`.

    `account` is whom the act would reach or sign in: an address, so that nobody can have it flooded with mail (S31).
    `also` are further addresses that it writes to; each counts for itself, and the sender's act stays one. With `about`
    a thing, acts on each are counted apart.
    """
    limits: Limits = current_app.extensions[EXTENSION]
    limits.count(name, address=request.remote_addr or "unknown", account=account, also=also, about=about)
