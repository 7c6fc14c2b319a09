"""Settings: the only reader of the environment and of `.env`.

Every setting is listed in README.md. The real environment wins over `.env`; an empty value counts as not set,
so that `SMTP_URL= flask …` switches off what `.env` switches on. Without `ENGAGE_ENV` the mode is production.
"""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from engage.kernel.settings import Bucket, Site

ROOT = Path(__file__).resolve().parent
SHORTEST_SECRET = 32
DEVELOPMENT_SECRET = "only-for-development-never-for-a-real-site"  # noqa: S105 - production refuses it
DEFAULT_LIMITS = (
    "book=60/min per address; respond=30/min per address; comment=30/min per address; draft=30/min per address; "
    "book=20/day per account; respond=20/day per account; draft=10/day per account; "
    "flag=20/h per address; flag-one=1/day per address; "
    "calendar=600/10min per address; calendar=120/h per account; "
    "mail-test=10/h per account; upload=60/h per address; search=60/min per account; "
    "manage=60/min per address; find-my-booking=5/10min per address; "
    "sign-in=10/5min per account; sign-in=60/5min per address; "
    "join-us=10/10min per address; join-us=5/h per account; reset=10/10min per address; reset=5/h per account"
)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
UNITS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "day": 86400}
_RULE = re.compile(r"([a-z][a-z-]*)=([1-9][0-9]{0,6})/([1-9][0-9]{0,3})?([a-z]+) per (address|account)")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_HOST = re.compile(r"\.?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_BUCKET = re.compile(
    r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9][A-Za-z0-9_.-]*(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)*)?)?/?"
)
_REGION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+")


class SettingsError(Exception):
    """The settings are not fit to start with; `faults` names every one, a line each."""

    def __init__(self, faults: list[str]) -> None:
        """Keep the faults and make one message of them."""
        super().__init__("Engage cannot start:\n" + "\n".join(f"- {fault}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` requests in each `seconds`, counted for each address or for each account."""

    name: str
    amount: int
    seconds: int
    per: Literal["address", "account"]

    @property
    def text(self) -> str:
        """The rule as Flask-Limiter writes it, such as `10 per 300 second`."""
        return f"{self.amount} per {self.seconds} second"


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the environment says, checked. `secret_keys` and `link_secrets`: the first one signs."""

    mode: Literal["development", "production"]
    root: Path
    instance_folder: Path
    secret_keys: tuple[str, ...] = field(repr=False)
    link_secrets: tuple[str, ...] = field(repr=False)
    base_url: str
    port: int
    database_url: str = field(repr=False)
    limits: tuple[Limit, ...]
    limits_url: str = field(repr=False)
    smtp_url: str | None = field(repr=False)
    mail_from: str
    mail_domain: str
    media_url: str
    media_bucket: Bucket | None
    akismet_key: str = field(repr=False)
    akismet_url: str
    akismet_mode: Literal["off", "shadow", "hold"]
    inbound_mail: str | None = field(repr=False)
    inbound_authserv_id: str
    calendar_collect_seconds: int
    dkim_key: Path | None
    dkim_selector: str
    queue_url: str | None = field(repr=False)
    contact_email: str
    trusted_proxies: int
    trusted_hosts: tuple[str, ...]
    organisation_name: str
    default_timezone: str
    access_needs_kept_days: int
    waiting_move_up_hours: int
    waiting_offer_minutes: int
    languages: tuple[str, ...]
    log_format: Literal["text", "json"]

    @property
    def development(self) -> bool:
        """Whether this is a developer's own machine."""
        return self.mode == "development"

    @property
    def https(self) -> bool:
        """Whether people reach the site by https."""
        return self.base_url.startswith("https://")

    def site(self) -> Site:
        """What the features may know of the settings."""
        return Site(
            base_url=self.base_url,
            organisation_name=self.organisation_name,
            mail_from=self.mail_from,
            mail_domain=self.mail_domain,
            media_url=self.media_url,
            media_bucket=self.media_bucket,
            akismet_key=self.akismet_key,
            akismet_url=self.akismet_url,
            akismet_mode=self.akismet_mode,
            reads_mail=self.inbound_mail is not None,
            authserv_id=self.inbound_authserv_id,
            calendar_collect_seconds=self.calendar_collect_seconds,
            contact_email=self.contact_email,
            default_timezone=self.default_timezone,
            access_needs_kept_days=self.access_needs_kept_days,
            waiting_move_up_hours=self.waiting_move_up_hours,
            waiting_offer_minutes=self.waiting_offer_minutes,
            languages=self.languages,
            link_secrets=self.link_secrets,
            development=self.development,
        )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, root: Path | None = None) -> "Settings":
        """Read `environ` (the process's own unless given) over the `.env` of `root`.

        Raises SettingsError, which names every fault at once.
        """
        folder = root or ROOT
        return _Reader(_values(environ, folder), folder).settings()


def wanted_port(environ: Mapping[str, str] | None = None, root: Path | None = None) -> int:
    """Return the port asked for, looking at nothing else and changing nothing. Raises SettingsError."""
    reader = _Reader(_values(environ, root or ROOT), root or ROOT)
    port = reader.port()
    if reader.faults:
        raise SettingsError(reader.faults)
    return port


def write_development_env(root: Path | None = None) -> bool:
    """Write `.env` for a developer's machine with secrets of its own; False when there is one already."""
    text = (
        "# Settings of this clone; README.md lists them all. The real environment wins over this file.\n"
        "ENGAGE_ENV=development\n"
        f"SECRET_KEY={secrets.token_hex(32)}\n"
        f"LINK_SECRETS={secrets.token_hex(32)}\n"
        "# The sample's network; put your own name here.\n"
        'ORGANISATION_NAME="Tidewell Network"\n'
    )
    try:
        descriptor = os.open((root or ROOT) / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return True


def _values(environ: Mapping[str, str] | None, root: Path) -> dict[str, str]:
    written = {name: value or "" for name, value in dotenv_values(root / ".env").items()}
    return {**written, **(os.environ if environ is None else environ)}


def _is_store(endpoint: str) -> bool:
    try:
        parts = urlsplit(endpoint)
        good = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        bare = not (parts.query or parts.fragment) and parts.username is None and parts.path in ("", "/")
        return good and bare and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class _Reader:
    """Reads one setting after another and collects the faults."""

    def __init__(self, values: Mapping[str, str], root: Path) -> None:
        self.values = values
        self.root = root
        self.faults: list[str] = []

    def settings(self) -> Settings:
        mode = self._one_of("ENGAGE_ENV", "production", "development")
        self.development = mode == "development"
        port = self.port()
        base_url = self._base_url(port)
        host = (urlsplit(base_url).hostname or "localhost") if base_url else "localhost"
        instance = Path(self._text("INSTANCE_FOLDER") or self.root / "instance").absolute()
        mail_domain = self._text("MAIL_DOMAIN") or ("example.org" if self.development else host)
        mail_from = self._email("MAIL_FROM", f"engage@{mail_domain}")
        settings = Settings(
            mode="development" if self.development else "production",
            root=self.root,
            instance_folder=instance,
            secret_keys=self._secrets("SECRET_KEY"),
            link_secrets=self._secrets("LINK_SECRETS"),
            base_url=base_url,
            port=port,
            database_url=self._database_url(instance),
            limits=self._limits(),
            limits_url=self._limits_url(instance),
            smtp_url=self._smtp_url(),
            mail_from=mail_from,
            mail_domain=mail_domain,
            media_url=self._media_url(instance),
            media_bucket=self._media_bucket(instance),
            akismet_key=self._text("AKISMET_KEY"),
            akismet_url=self._akismet_url(),
            akismet_mode=self._akismet_mode(),
            inbound_mail=self._inbound_mail(mail_from, mail_domain),
            inbound_authserv_id=self._text("INBOUND_AUTHSERV_ID") or mail_domain,
            calendar_collect_seconds=self._number("CALENDAR_COLLECT_SECONDS", 120, highest=3600),
            dkim_key=self._dkim_key(),
            dkim_selector=self._dkim_selector(),
            queue_url=self._queue_url(),
            contact_email=self._email("CONTACT_EMAIL", mail_from),
            trusted_proxies=self._number("TRUSTED_PROXIES", 0, highest=10),
            trusted_hosts=self._trusted_hosts(host),
            organisation_name=self._text("ORGANISATION_NAME") or "Engage",
            default_timezone=self._timezone(),
            access_needs_kept_days=self._number("ACCESS_NEEDS_KEPT_DAYS", 14, lowest=1, highest=365),
            waiting_move_up_hours=self._number("WAITING_MOVE_UP_HOURS", 24, lowest=0, highest=720),
            waiting_offer_minutes=self._number("WAITING_OFFER_MINUTES", 120, lowest=5, highest=2880),
            languages=self._languages(),
            log_format="json" if self._one_of("LOG_FORMAT", "text", "json") == "json" else "text",
        )
        if not self.development and set(settings.secret_keys) & set(settings.link_secrets):
            self.faults.append("LINK_SECRETS holds a SECRET_KEY; each needs a random value of its own.")
        self._check_folder(instance)
        if not self.development and self._text("FLASK_DEBUG").lower() in TRUE_WORDS:
            self.faults.append("FLASK_DEBUG is on; a production site never runs in debug mode.")
        if self.faults:
            raise SettingsError(self.faults)
        return settings

    def port(self) -> int:
        return self._number("PORT", 8000, lowest=1, highest=65535)

    def _text(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def _list(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self._text(name).split(",") if part.strip())

    def _one_of(self, name: str, default: str, *others: str) -> str:
        value = self._text(name) or default
        if value not in (default, *others):
            self.faults.append(f"{name} is {value!r}; it can be {' or '.join((default, *others))}.")
            return default
        return value

    def _number(self, name: str, default: int, *, lowest: int = 0, highest: int) -> int:
        text = self._text(name)
        if not text:
            return default
        if not re.fullmatch(r"[0-9]{1,6}", text) or not lowest <= int(text) <= highest:
            self.faults.append(f"{name} is {text!r}; it is a whole number from {lowest} to {highest}.")
            return default
        return int(text)

    def _secrets(self, name: str) -> tuple[str, ...]:
        given = self._list(name)
        if self.development:
            return given or (DEVELOPMENT_SECRET,)
        if not given:
            self.faults.append(f"{name} is missing; make one with: openssl rand -hex 32")
        for number, secret in enumerate(given, start=1):
            which = name if len(given) == 1 else f"{name} (number {number})"
            if len(secret) < SHORTEST_SECRET:
                self.faults.append(f"{which} is too short; it needs {SHORTEST_SECRET} characters or more.")
            elif secret == DEVELOPMENT_SECRET or len(set(secret)) < 8:
                self.faults.append(f"{which} is one that anybody could guess; make a random one.")
        return given

    def _base_url(self, port: int) -> str:
        text = self._text("BASE_URL").rstrip("/")
        if not text:
            if self.development:
                return f"http://127.0.0.1:{port}"
            self.faults.append("BASE_URL is missing, such as https://engage.example.org")
            return ""
        try:
            parts = urlsplit(text)
            good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good or parts.path or parts.query or parts.fragment or parts.username is not None:
            self.faults.append(f"BASE_URL is {text!r}; it is http(s)://host, with a port if need be.")
            return ""
        return text

    def _database_url(self, instance: Path) -> str:
        text = self._text("DATABASE_URL")
        if not text:
            return f"sqlite:///{instance / 'engage.db'}"
        if text.startswith("postgres://"):  # as many hosts write it
            text = "postgresql://" + text.removeprefix("postgres://")
        if not text.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            self.faults.append("DATABASE_URL begins with sqlite:/// or postgresql://")
        return text

    def _limits(self) -> tuple[Limit, ...]:
        """The rules; a name that LIMITS mentions loses its default rules, the others keep theirs."""
        text = self._text("LIMITS")
        if text == "off":
            if not self.development:
                self.faults.append("LIMITS is off; a production site keeps its limits.")
            return ()
        given = self._rules(text)
        named = {rule.name for rule in given}
        return (*(rule for rule in self._rules(DEFAULT_LIMITS) if rule.name not in named), *given)

    def _rules(self, text: str) -> tuple[Limit, ...]:
        rules = []
        for part in filter(None, (part.strip() for part in text.split(";"))):
            match = _RULE.fullmatch(part)
            if not match or match[4] not in UNITS:
                self.faults.append(
                    f"LIMITS has {part!r}; a rule reads like book=600/min per address or sign-in=10/5min per account."
                )
                continue
            rules.append(
                Limit(
                    name=match[1],
                    amount=int(match[2]),
                    seconds=int(match[3] or 1) * UNITS[match[4]],
                    per="address" if match[5] == "address" else "account",
                )
            )
        return tuple(rules)

    def _limits_url(self, instance: Path) -> str:
        text = self._text("LIMITS_URL")
        if not text:
            return f"engage-sqlite:///{instance / 'limits.db'}"
        if not text.startswith(("engage-sqlite:///", "memory://")):
            self.faults.append("LIMITS_URL begins with engage-sqlite:/// or is left out (a file under instance/).")
        return text

    def _media_url(self, instance: Path) -> str:
        """Where recordings lie: a folder, which is made when the first one comes, or a bucket."""
        text = self._text("MEDIA_URL")
        if not text:
            return f"file://{instance / 'media'}"
        is_folder = text.startswith("file:///") and text != "file:///"
        if not is_folder and not _BUCKET.fullmatch(text):  # it may hold a key: never shown
            self.faults.append(
                "MEDIA_URL reads like file:///srv/engage/media or s3://bucket/prefix (keys stand in AWS_ACCESS_KEY_ID"
                " and AWS_SECRET_ACCESS_KEY), or is left out (a folder in instance/)."
            )
        return text

    def _media_bucket(self, instance: Path) -> Bucket | None:
        """The bucket that MEDIA_URL names; the rest is said as every program says it that talks to such a store."""
        match = _BUCKET.fullmatch(self._text("MEDIA_URL"))
        if match is None:
            return None
        endpoint = self._text("AWS_ENDPOINT_URL_S3") or self._text("AWS_ENDPOINT_URL") or None
        region = self._text("AWS_REGION") or self._text("AWS_DEFAULT_REGION") or ("us-east-1" if endpoint else "")
        if not _REGION.fullmatch(region):
            self.faults.append("AWS_REGION is missing or no region; it is a name such as eu-west-2.")
        if endpoint is not None and not _is_store(endpoint):
            self.faults.append(
                "AWS_ENDPOINT_URL reads like https://s3.example.org, or is left out for AWS itself;"
                " http only to this very machine, since recordings go there."
            )
        key_id, secret = self._text("AWS_ACCESS_KEY_ID") or None, self._text("AWS_SECRET_ACCESS_KEY") or None
        if (key_id is None) != (secret is None):
            missing = "AWS_ACCESS_KEY_ID" if key_id is None else "AWS_SECRET_ACCESS_KEY"
            self.faults.append(f"{missing} is missing; the two keys are given together, or neither.")
        return Bucket(
            name=match[1],
            prefix=f"{match[2]}/" if match[2] else "",
            folder=instance / "receiving",
            region=region,
            endpoint=endpoint,
            key_id=key_id,
            secret=secret,
            session_token=self._text("AWS_SESSION_TOKEN") or None,
        )

    def _akismet_url(self) -> str:
        """Where Akismet is asked: people's words go there, so only encrypted but on this very machine."""
        text = self._text("AKISMET_URL").rstrip("/") or "https://rest.akismet.com"
        try:
            parts = urlsplit(text)
            here = parts.scheme == "http" and parts.hostname in LOOPBACK and self.development
            good = (here or parts.scheme == "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            self.faults.append("AKISMET_URL reads like https://rest.akismet.com, or is left out.")
        return text

    def _akismet_mode(self) -> Literal["off", "shadow", "hold"]:
        mode = self._one_of("AKISMET_MODE", "off", "shadow", "hold")
        if mode != "off" and not self._text("AKISMET_KEY"):
            self.faults.append(f"AKISMET_MODE is {mode!r} and AKISMET_KEY is missing.")
        return "shadow" if mode == "shadow" else "hold" if mode == "hold" else "off"

    def _smtp_url(self) -> str | None:
        text = self._text("SMTP_URL")
        if not text:
            return None
        try:
            parts = urlsplit(text)
            good = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:  # the value holds a password: never shown
            self.faults.append("SMTP_URL reads like smtp://user:password@host:587?starttls=1")
        return text

    def _inbound_mail(self, mail_from: str, mail_domain: str) -> str | None:
        """Where replies are read, None for nowhere. People answer to MAIL_FROM, so it has to be ours to read."""
        text = self._text("INBOUND_MAIL") or "off"
        if text == "off":
            return None
        try:
            parts = urlsplit(text)
            good = text == "stdin" or (parts.scheme in ("lmtp", "imap", "imaps") and bool(parts.hostname))
            good = good and (parts.scheme != "lmtp" or (bool(parts.port) and parts.hostname in LOOPBACK))
        except ValueError:
            good = False
        if not good:  # the value may hold a password: never shown
            self.faults.append(
                "INBOUND_MAIL is off, stdin, lmtp://127.0.0.1:port or imaps://user:password@host/folder."
            )
        if "+" in mail_from or mail_from.rpartition("@")[2] != mail_domain:
            self.faults.append("With INBOUND_MAIL, MAIL_FROM is an address of MAIL_DOMAIN without a plus sign in it.")
        return text

    def _dkim_key(self) -> Path | None:
        text = self._text("DKIM_KEY")
        if not text:
            return None
        path = Path(text).absolute()
        try:
            good = b"PRIVATE KEY" in path.read_bytes()
        except OSError:
            good = False
        if not good:
            self.faults.append(f"DKIM_KEY is {text!r}; it is a file with a private key in PEM.")
        return path

    def _dkim_selector(self) -> str:
        text = self._text("DKIM_SELECTOR") or "engage"
        if not _SELECTOR.fullmatch(text):
            self.faults.append(f"DKIM_SELECTOR is {text!r}; it is a short name such as engage or 2027a.")
        return text

    def _queue_url(self) -> str | None:
        text = self._text("QUEUE_URL")
        if not text:
            return None
        if not text.startswith(("postgresql://", "redis://", "rediss://", "unix://")):
            self.faults.append("QUEUE_URL begins with postgresql:// or redis://, or is left out.")
        return text

    def _email(self, name: str, default: str) -> str:
        text = self._text(name) or default
        if not _EMAIL.fullmatch(text):
            self.faults.append(f"{name} is {text!r}; it is an address alone, such as hello@example.org")
        return text

    def _trusted_hosts(self, host: str) -> tuple[str, ...]:
        hosts = tuple(name.lower() for name in self._list("TRUSTED_HOSTS"))
        self.faults += [
            f"TRUSTED_HOSTS has {name!r}; each is a host name without a port."
            for name in hosts
            if not _HOST.fullmatch(name)
        ]
        own = ("127.0.0.1", "localhost") if self.development else ()
        return tuple(dict.fromkeys((f"[{host}]" if ":" in host else host, *hosts, *own)))

    def _timezone(self) -> str:
        name = self._text("DEFAULT_TIMEZONE") or "Europe/London"
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError):  # no such zone; a folder of zones; a path
            self.faults.append(f"DEFAULT_TIMEZONE is {name!r}; it is a zone such as Europe/London.")
        return name

    def _languages(self) -> tuple[str, ...]:
        languages = self._list("LANGUAGES") or ("en", "cy")
        self.faults += [
            f"LANGUAGES has {code!r}; each is a code such as en or cy."
            for code in languages
            if not _LANGUAGE.fullmatch(code)
        ]
        return languages

    def _check_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            self.faults.append(f"The folder {folder} cannot be written to ({error.strerror}).")
