"""A real site for each database, shared by a module's tests; each test has an event of its own."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from engage.events.models import Event
from engage.kernel.settings import Site
from engage.kernel.unit_of_work import unit_of_work
from tests.databases import TestDatabase
from tests.factories import make_event
from tests.live_server import LiveSite, live_site

Unit = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Running:
    """A running site without a worker; transactions on its database: `with running.unit() as session:`."""

    site: LiveSite
    unit: Unit
    facts: Site


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def live_database(request: pytest.FixtureRequest, databases: Callable[[str], TestDatabase]) -> Iterator[TestDatabase]:
    """Give an empty, migrated database of each kind; it is emptied after the module's tests."""
    database = databases(request.param)
    yield database
    database.empty()


@pytest.fixture(scope="module")
def live_unit(live_database: TestDatabase, apps: Callable[[TestDatabase], Flask]) -> Unit:
    """Give transactions on that database, from this process."""
    app = apps(live_database)

    @contextmanager
    def unit() -> Iterator[Session]:
        with app.app_context(), unit_of_work() as session:
            yield session

    return unit


@pytest.fixture(scope="module")
def running(live_database: TestDatabase, live_unit: Unit, apps: Callable[[TestDatabase], Flask]) -> Iterator[Running]:
    """Give a site with two server processes on that database, without a worker."""
    with live_site(live_database.url, with_worker=False) as site:
        yield Running(site, live_unit, apps(live_database).extensions["engage"].site())


def make_live_event(*, capacity: int, waiting_list: bool = False) -> Event:
    """Make a published event with an address of its own, by the clock of the server; used inside a transaction."""
    event = make_event(slug=f"rivers-{uuid.uuid4().hex[:8]}", capacity=capacity)
    event.waiting_list = waiting_list
    return event
