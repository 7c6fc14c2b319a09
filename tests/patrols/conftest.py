"""Patrols look at every page and route; one kind of database is enough for that."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import time_machine
from flask import Flask

from tests.databases import TestDatabase
from tests.patrols.walking import Keeper
from tests.stage import Stage, Unit, set_stage


@pytest.fixture
def database_kind() -> str:
    """Give SQLite alone."""
    return "sqlite"


@pytest.fixture
def stage(clock: time_machine.Traveller, app: Flask, unit: Unit, worker: Callable[..., int]) -> Stage:
    """Give the cast on a stage with something of everything, its mails sent."""
    made = set_stage(app, unit)
    worker()
    return made


@pytest.fixture
def keeper(database: TestDatabase, app: Flask) -> Iterator[Keeper]:
    """Give what notices and undoes changes of the database."""
    with closing(Keeper(database, app)) as made:
        yield made
