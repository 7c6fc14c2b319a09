"""What tests of responses share."""

import pytest
from flask import Flask

from engage.kernel.settings import Site


@pytest.fixture
def site(app: Flask) -> Site:
    """Give the site of the app under test."""
    found: Site = app.extensions["engage"].site()
    return found
