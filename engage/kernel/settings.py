"""The settings that features need, handed in by whoever calls them."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Bucket:
    """Where recordings lie in a store that speaks S3, and how it is asked.

    `prefix` is empty or ends with a slash. Without `endpoint` it is AWS's own of the region; without keys those are
    used that the machine has (its role, a profile). In `folder`, of this machine, recordings are received and made.
    """

    name: str
    prefix: str
    folder: Path
    region: str
    endpoint: str | None = None
    key_id: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Site:
    """One organisation's installation, as features may see it.

    Built by `config.Settings.site()`. `base_url` has no slash at its end; `link_secrets` are tried in order
    when a link is read and the first one signs (S12). What people need to take part is kept for
    `access_needs_kept_days` days after the event. Whoever waits moves up at once further than
    `waiting_move_up_hours` from the start; nearer to it a place is offered for `waiting_offer_minutes`.
    `reads_mail` says that replies reach us (INBOUND_MAIL), and `authserv_id` is how our own mail server signs what it
    found out about a mail; changes of an event are collected for
    `calendar_collect_seconds` before they are told. Recordings lie in `media_bucket` if there is one, else at
    `media_url`, a folder as `file:///…`.
    Akismet is asked about words that are to be published unless `akismet_mode` is off: shadow only notes what it says,
    hold keeps back what it takes for advertising.
    """

    base_url: str
    organisation_name: str
    mail_from: str
    mail_domain: str
    contact_email: str
    default_timezone: str
    link_secrets: tuple[str, ...] = field(repr=False)
    languages: tuple[str, ...] = ("en",)
    access_needs_kept_days: int = 14
    waiting_move_up_hours: int = 24
    waiting_offer_minutes: int = 120
    reads_mail: bool = False
    calendar_collect_seconds: int = 120
    authserv_id: str = ""
    media_url: str = ""
    media_bucket: Bucket | None = None
    akismet_mode: str = "off"
    akismet_url: str = ""
    akismet_key: str = field(default="", repr=False)
    development: bool = False
