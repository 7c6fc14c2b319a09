"""Two workers that a bell wakes: each mail goes out once, with the bell and after it is gone."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.databases import TestDatabase
from tests.live.conftest import Unit, make_live_event
from tests.live.crowd import Visitor, addresses
from tests.live.post_office import post_office
from tests.live.waiting import wait_for_every_mail
from tests.live_server import live_site
from tests.servers import postgresql, redis

pytestmark = pytest.mark.live


@pytest.fixture(params=["postgresql", "redis"])
def queue_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give what rings, a server beside the site's database."""
    with postgresql() if request.param == "postgresql" else redis() as url:
        yield url.replace("postgresql+psycopg://", "postgresql://")


def test_two_workers_that_are_woken_send_each_mail_once(
    queue_url: str, live_database: TestDatabase, live_unit: Unit
) -> None:
    """R13, R14."""
    guests = addresses(20)
    with live_unit():
        event = make_live_event(capacity=50)
        event_id, slug = event.id, event.slug
    with post_office() as office:
        environment = {"SMTP_URL": office.url, "QUEUE_URL": queue_url}
        with live_site(live_database.url, environment=environment) as site:
            site.start_worker()
            for email in guests:
                visitor = Visitor(site.port, email)
                assert visitor.book(slug, visitor.open_form(slug)).status == 303
            wait_for_every_mail(live_unit, event_id)
            assert "the bell is silent" not in site.logs()

    assert Counter(mail.to for mail in office.deliveries) == dict.fromkeys(guests, 1)
