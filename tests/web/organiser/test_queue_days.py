"""Days that no response can be of are refused in the search of moderators, never an error of ours."""

import pytest
from flask.testing import FlaskClient

from tests.factories import hidden

pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"])
def test_a_day_too_far_away_is_refused_in_words(asha: FlaskClient, field: str, day: str) -> None:
    """S24."""
    where = "/organise/responses/"
    refused = asha.post(where, data={**hidden(asha.get(where)), "words": "river", field: day})

    assert (refused.status_code, "The year must be between 2000 and 2100." in refused.text) == (422, True)
    assert "river" in refused.text
