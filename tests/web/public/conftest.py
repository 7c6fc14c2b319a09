"""What tests of the public pages share."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from engage.kernel.settings import Site
from tests.factories import make_event


@pytest.fixture
def site(app: Flask) -> Site:
    """Give the site of the app under test."""
    found: Site = app.extensions["engage"].site()
    return found


@pytest.fixture
def slug(unit: Callable[[], AbstractContextManager[Session]]) -> str:
    """Give the address of a webinar a week away with three places."""
    with unit():
        return make_event(slug="lunch", capacity=3).slug
