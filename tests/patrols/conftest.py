"""Patrols look at every page and route; one kind of database is enough for that."""

import pytest


@pytest.fixture
def database_kind() -> str:
    """Give SQLite alone."""
    return "sqlite"
