"""The settings: what production refuses, what wins, what follows from what (R37)."""

from pathlib import Path

import pytest

from config import DEVELOPMENT_SECRET, Limit, Settings, SettingsError, wanted_port, write_development_env
from engage.kernel.settings import Bucket

GOOD = {
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "LINK_SECRETS": "fedcba9876543210fedcba9876543210",
    "BASE_URL": "https://engage.example.org",
}


def faults_of(tmp_path: Path, **changes: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({**GOOD, **changes}, root=tmp_path)
    return caught.value.faults


def test_production_is_the_mode_when_nothing_is_said(tmp_path: Path) -> None:
    settings = Settings.from_env(GOOD, root=tmp_path)

    assert settings.mode == "production"
    assert settings.trusted_hosts == ("engage.example.org",)
    assert settings.mail_from == "engage@engage.example.org"
    assert settings.database_url == f"sqlite:///{tmp_path}/instance/engage.db"


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("a file where the folder should be")

    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"LIMITS": "off", "DEFAULT_TIMEZONE": "Europe", "FLASK_DEBUG": "1"}, root=tmp_path)

    assert [fault.split(maxsplit=3)[:3] for fault in caught.value.faults] == [
        ["BASE_URL", "is", "missing,"],
        ["SECRET_KEY", "is", "missing;"],
        ["LINK_SECRETS", "is", "missing;"],
        ["LIMITS", "is", "off;"],
        ["DEFAULT_TIMEZONE", "is", "'Europe';"],
        ["The", "folder", f"{tmp_path}/instance"],
        ["FLASK_DEBUG", "is", "on;"],
    ]
    assert str(caught.value).count("\n- ") == 7


@pytest.mark.parametrize("secret", ["short", "a" * 64, DEVELOPMENT_SECRET, "89abcdef01234567abcdef0189234567,short"])
@pytest.mark.parametrize("name", ["SECRET_KEY", "LINK_SECRETS"])
def test_production_refuses_a_secret_that_can_be_guessed(tmp_path: Path, name: str, secret: str) -> None:
    (fault,) = faults_of(tmp_path, **{name: secret})

    assert fault.startswith(name)
    assert all(part not in fault for part in secret.split(",") if len(part) > 5)


@pytest.mark.parametrize(
    "address", ["engage.example.org", "ftp://x", "https://x/path", "https://u@x", "http://[", "//"]
)
def test_base_url_is_an_origin(tmp_path: Path, address: str) -> None:
    (fault,) = faults_of(tmp_path, BASE_URL=address)

    assert fault.startswith("BASE_URL is")


@pytest.mark.parametrize("rule", ["book", "book=0/min per address", "book=5/fortnight per address", "book=5/min"])
def test_a_limit_that_cannot_be_read_is_refused(tmp_path: Path, rule: str) -> None:
    (fault,) = faults_of(tmp_path, LIMITS=rule)

    assert fault.startswith(f"LIMITS has '{rule}'")


def test_a_limit_replaces_the_defaults_of_its_name_alone(tmp_path: Path) -> None:
    settings = Settings.from_env({**GOOD, "LIMITS": "sign-in=3/2min per account"}, root=tmp_path)

    assert [rule for rule in settings.limits if rule.name == "sign-in"] == [Limit("sign-in", 3, 120, "account")]
    assert Limit("book", 60, 60, "address") in settings.limits
    assert settings.limits[-1].text == "3 per 120 second"


def test_the_real_environment_wins_over_the_file_and_an_empty_value_switches_off(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ENGAGE_ENV=development\nSMTP_URL=smtp://mail.example:25\nPORT=8100\n")

    settings = Settings.from_env({"PORT": "8200", "SMTP_URL": ""}, root=tmp_path)

    assert (settings.mode, settings.port, settings.smtp_url) == ("development", 8200, None)
    assert settings.base_url == "http://127.0.0.1:8200"


def test_secrets_never_show_in_a_printed_setting(tmp_path: Path) -> None:
    shown = repr(Settings.from_env({**GOOD, "SMTP_URL": "smtp://user:hush@mail.example"}, root=tmp_path))

    assert not any(secret in shown for secret in (GOOD["SECRET_KEY"], GOOD["LINK_SECRETS"], "hush"))


def test_the_development_file_is_written_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    assert write_development_env(tmp_path) is True
    written = (tmp_path / ".env").read_text()
    assert write_development_env(tmp_path) is False

    settings = Settings.from_env({}, root=tmp_path)
    assert (tmp_path / ".env").read_text() == written
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert settings.development
    assert min(map(len, settings.secret_keys + settings.link_secrets)) == 64
    assert settings.secret_keys != settings.link_secrets


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "８０００", "-1"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(SettingsError, match="PORT is"):
        wanted_port({"PORT": port}, tmp_path)


def test_one_secret_does_not_serve_two_purposes(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="of its own"):
        Settings.from_env({**GOOD, "LINK_SECRETS": GOOD["SECRET_KEY"]}, root=tmp_path)


@pytest.mark.parametrize("days", ["0", "366", "a week", "-1"])
def test_access_needs_are_kept_for_some_days_and_not_for_ever(tmp_path: Path, days: str) -> None:
    (fault,) = faults_of(tmp_path, ACCESS_NEEDS_KEPT_DAYS=days)

    assert fault == f"ACCESS_NEEDS_KEPT_DAYS is {days!r}; it is a whole number from 1 to 365."
    assert Settings.from_env(GOOD, root=tmp_path).site().access_needs_kept_days == 14
    kept = Settings.from_env({**GOOD, "ACCESS_NEEDS_KEPT_DAYS": "3"}, root=tmp_path).site()
    assert kept.access_needs_kept_days == 3


@pytest.mark.parametrize(
    ("name", "wrong", "range_in_words", "attribute", "usual"),
    [
        ("WAITING_MOVE_UP_HOURS", "721", "0 to 720", "waiting_move_up_hours", 24),
        ("WAITING_MOVE_UP_HOURS", "a day", "0 to 720", "waiting_move_up_hours", 24),
        ("WAITING_OFFER_MINUTES", "4", "5 to 2880", "waiting_offer_minutes", 120),
        ("WAITING_OFFER_MINUTES", "1.5", "5 to 2880", "waiting_offer_minutes", 120),
    ],
)
def test_the_times_of_the_waiting_list_are_numbers_in_a_range(
    tmp_path: Path, name: str, wrong: str, range_in_words: str, attribute: str, usual: int
) -> None:
    (fault,) = faults_of(tmp_path, **{name: wrong})

    assert fault == f"{name} is {wrong!r}; it is a whole number from {range_in_words}."
    assert getattr(Settings.from_env(GOOD, root=tmp_path).site(), attribute) == usual
    assert getattr(Settings.from_env({**GOOD, name: "6"}, root=tmp_path).site(), attribute) == 6


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"INBOUND_MAIL": "on"}, "INBOUND_MAIL is off, stdin"),
        ({"INBOUND_MAIL": "lmtp://127.0.0.1"}, "INBOUND_MAIL is off, stdin"),
        ({"INBOUND_MAIL": "lmtp://mail.example.org:24"}, "INBOUND_MAIL is off, stdin"),
        ({"INBOUND_MAIL": "imap://user:hush@[::1"}, "INBOUND_MAIL is off, stdin"),
        ({"INBOUND_MAIL": "stdin", "MAIL_FROM": "us+replies@example.org", "MAIL_DOMAIN": "example.org"}, "plus sign"),
        ({"INBOUND_MAIL": "stdin", "MAIL_FROM": "us@example.com", "MAIL_DOMAIN": "example.org"}, "of MAIL_DOMAIN"),
        ({"CALENDAR_COLLECT_SECONDS": "3601"}, "0 to 3600"),
        ({"DKIM_KEY": "/no/such/file.pem"}, "private key in PEM"),
        ({"DKIM_SELECTOR": "two words"}, "short name"),
        ({"QUEUE_URL": "amqp://host"}, "postgresql:// or redis://"),
    ],
)
def test_a_setting_of_mail_that_cannot_work_is_named(tmp_path: Path, given: dict[str, str], fault: str) -> None:
    (said,) = faults_of(tmp_path, **given)

    assert fault in said
    assert "hush" not in said


def test_replies_are_read_where_the_settings_say(tmp_path: Path) -> None:
    usual = Settings.from_env(GOOD, root=tmp_path)
    reading = Settings.from_env({**GOOD, "INBOUND_MAIL": "imaps://user:hush@mail.example.org/INBOX"}, root=tmp_path)

    assert (usual.inbound_mail, usual.site().reads_mail, usual.site().calendar_collect_seconds) == (None, False, 120)
    assert reading.site().reads_mail
    assert "hush" not in repr(reading)


IN_A_BUCKET = {"MEDIA_URL": "s3://recordings/engage/live", "AWS_REGION": "eu-west-2"}


def test_a_bucket_needs_its_name_and_its_region_alone(tmp_path: Path) -> None:
    bucket = Settings.from_env({**GOOD, **IN_A_BUCKET}, root=tmp_path).site().media_bucket

    assert bucket == Bucket("recordings", "engage/live/", tmp_path / "instance" / "receiving", "eu-west-2")
    assert Settings.from_env(GOOD, root=tmp_path).site().media_bucket is None


def test_a_store_that_speaks_s3_is_asked_where_and_as_the_usual_names_say(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIAENGAGE", "AWS_SECRET_ACCESS_KEY": "hush-hush", "AWS_SESSION_TOKEN": "and-hush"}
    (tmp_path / ".env").write_text("AWS_ENDPOINT_URL=https://s3.example.org\n")

    settings = Settings.from_env({**GOOD, **keys, "MEDIA_URL": "s3://recordings/"}, root=tmp_path)

    bucket = settings.site().media_bucket
    assert bucket is not None
    assert (bucket.prefix, bucket.endpoint, bucket.region) == ("", "https://s3.example.org", "us-east-1")
    assert (bucket.key_id, bucket.secret, bucket.session_token) == tuple(keys.values())
    assert not any(secret in f"{settings!r}{settings.site()!r}" for secret in keys.values())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"MEDIA_URL": "s3://"}, "MEDIA_URL reads like file:///srv/engage/media or s3://bucket/prefix"),
        ({"MEDIA_URL": "s3://AK:hush@recordings"}, "MEDIA_URL reads like file:///srv/engage/media or s3://"),
        ({"MEDIA_URL": "s3://recordings/../x"}, "MEDIA_URL reads like file:///srv/engage/media or s3://"),
        ({"MEDIA_URL": "s3://recordings?x"}, "MEDIA_URL reads like file:///srv/engage/media or s3://"),
        ({"AWS_REGION": ""}, "AWS_REGION is missing or no region"),
        ({"AWS_REGION": "Europe/London"}, "AWS_REGION is missing or no region"),
        ({"AWS_ENDPOINT_URL": "http://s3.example.org"}, "AWS_ENDPOINT_URL reads like https://s3.example.org"),
        ({"AWS_ENDPOINT_URL": "https://u:hush@s3.example.org"}, "AWS_ENDPOINT_URL reads like https://s3.example.org"),
        ({"AWS_ENDPOINT_URL_S3": "http://["}, "AWS_ENDPOINT_URL reads like https://s3.example.org"),
        ({"AWS_ACCESS_KEY_ID": "AKIAENGAGE"}, "AWS_SECRET_ACCESS_KEY is missing"),
        ({"AWS_SECRET_ACCESS_KEY": "hush"}, "AWS_ACCESS_KEY_ID is missing"),
    ],
)
def test_what_cannot_be_a_bucket_is_refused_in_a_sentence(
    tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    (fault,) = faults_of(tmp_path, **{**IN_A_BUCKET, **changes})

    assert fault.startswith(sentence)
    assert "hush" not in fault
