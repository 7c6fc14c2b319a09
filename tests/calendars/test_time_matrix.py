"""One instant everywhere: in invitation, feed, links for calendars on the web, and words."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from engage.calendars.objects.invitation import invitation_ics
from engage.calendars.objects.links import add_links
from engage.kernel.when import date_in_words, local_time, short_when, time_words
from engage.mail.rendering import event_words
from tests.calendars.makers import feed, feed_event, invitation_facts, only_event

ZONES = [
    *("Europe/Berlin", "Europe/London", "America/New_York", "Australia/Sydney", "Asia/Kolkata"),
    *("Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Cairo", "America/Vancouver"),
]
HOUR = timedelta(hours=1)
CLOCK = re.compile(r"(?P<hour>\d+)(?::(?P<minute>\d\d))?(?P<half>am|pm)|(?P<name>midday|midnight)")


def moments(zone_name: str) -> dict[str, datetime]:
    """Return midwinter, midsummer, the end of a year, the days of change and the hour that comes twice."""
    found = {
        "winter": datetime(2027, 1, 15, 18, tzinfo=UTC),
        "summer": datetime(2027, 7, 15, 18, tzinfo=UTC),
        "year end": datetime(2027, 12, 31, 23, 30, tzinfo=UTC),
    }
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    while moment.year == 2027:
        change = _offset(moment + HOUR / 2, zone_name) - _offset(moment, zone_name)
        if change > timedelta():
            found["day of change, spring"] = moment + 5 * HOUR
        elif change < timedelta():
            found["day of change, autumn"] = moment + 5 * HOUR
            found["repeated hour, first"] = moment + HOUR / 2 - timedelta(minutes=15)
            found["repeated hour, second"] = moment + HOUR / 2 + timedelta(minutes=15)
        moment += HOUR / 2
    return found


def _offset(moment: datetime, zone_name: str) -> timedelta:
    return local_time(moment, zone_name).utcoffset() or timedelta()


def _values(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def _basic(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _first_clock(words: str) -> tuple[int, int]:
    found = CLOCK.search(words)
    assert found is not None
    if found["name"]:
        return (12 if found["name"] == "midday" else 0), 0
    return int(found["hour"]) % 12 + (12 if found["half"] == "pm" else 0), int(found["minute"] or 0)


@pytest.mark.parametrize("zone_name", ZONES)
def test_one_instant_everywhere(zone_name: str) -> None:
    for occasion, start in moments(zone_name).items():
        end = start + HOUR
        times = {"starts_at": start, "ends_at": end, "timezone": zone_name}
        invited = only_event(invitation_ics(invitation_facts(**times), "REQUEST"))
        shown = only_event(feed(feed_event(**times)))
        links = add_links(title="Soup", details="", url="https://events.example.org/e", **times)  # type: ignore[arg-type]
        google = [_basic(part) for part in _values(links["google"])["dates"].split("/")]
        assert _values(links["google"])["ctz"] == zone_name
        yahoo = _values(links["yahoo"])
        found = [
            (invited["DTSTART"].dt, invited["DTEND"].dt),
            (shown["DTSTART"].dt, shown["DTEND"].dt),
            tuple(google),
            (_basic(yahoo["st"]), _basic(yahoo["st"]) + HOUR * int(yahoo["dur"][:2])),
        ]
        for service in ("outlook", "office365"):
            values = _values(links[service])
            found.append(tuple(datetime.fromisoformat(values[name]) for name in ("startdt", "enddt")))
        instants = {tuple(moment.astimezone(UTC) for moment in pair) for pair in found}
        assert instants == {(start, end)}, occasion

        local = local_time(start, zone_name)
        words = event_words(title="Soup", starts_at=start, ends_at=end, timezone=zone_name)
        assert words["time_words"] == time_words(start, end, zone_name)
        assert words["date_words"] == date_in_words(local)
        assert f"{words['date_words']}, {words['time_words']}" in str(invited["DESCRIPTION"])
        assert _first_clock(words["time_words"]) == (local.hour, local.minute)
        assert f"{local:%H:%M}" in short_when(start, zone_name)
        assert words["day"] == str(local.day)
