"""The safeguards of the tests themselves: each is shown to bite."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from engage.edge.access import access
from engage.kernel.clock import now
from engage.kernel.db import db
from engage.kernel.jobs import defer
from engage.kernel.unit_of_work import unit_of_work
from tests.databases import TestDatabase


def leave_it_added() -> str:
    defer("nothing", at=now())
    return "changed"


def leave_it_flushed() -> str:
    leave_it_added()
    db.session.flush()
    return "changed"


def commit_it() -> str:
    with unit_of_work():
        defer("nothing", at=now())
    return "changed"


def app_with(make_app: Callable[..., Flask], view: Callable[[], str]) -> Flask:
    app = make_app()
    app.add_url_rule("/try", "try", access("anyone")(view))
    return app


@pytest.mark.parametrize("view", [leave_it_added, leave_it_flushed])
def test_a_view_that_leaves_work_uncommitted_fails(make_app: Callable[..., Flask], view: Callable[[], str]) -> None:
    with pytest.raises(AssertionError, match="left work uncommitted"):
        app_with(make_app, view).test_client().get("/try")


def test_a_view_that_commits_passes_and_its_row_is_there(make_app: Callable[..., Flask]) -> None:
    app = app_with(make_app, commit_it)

    assert app.test_client().get("/try").text == "changed"
    with app.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM job")) == 1


def test_a_database_is_emptied_but_keeps_what_its_migrations_wrote(app: Flask, database: TestDatabase) -> None:
    with app.app_context(), unit_of_work():
        defer("nothing", at=now())

    database.empty()

    with app.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM job")) == 0
        assert db.session.scalar(text("SELECT count(*) FROM privacy_notice")) > 0
        assert db.session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
