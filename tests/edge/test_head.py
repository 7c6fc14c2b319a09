"""A HEAD request is a GET without its body."""

from flask import Flask

from engage.responses.enums import ResponseStatus
from engage.responses.models import Response
from tests.stage import Stage, Unit, set_stage


def test_asking_for_the_head_of_a_page_that_withdraws_withdraws_nothing(app: Flask, unit: Unit) -> None:
    stage: Stage = set_stage(app, unit)

    answer = stage.client().head(f"/receipts/{stage.tokens['receipt']}/withdraw")

    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0
    with unit() as session:
        published = session.get(Response, stage.ids["published"])
        assert published is not None
        assert published.status is ResponseStatus.PUBLISHED
