"""What the worker does for the index of responses."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from engage.jobs.searching import INDEX
from engage.kernel import clock, jobs
from engage.kernel.settings import Site
from engage.responses.search.facets import Looked
from engage.responses.search.index import find_responses, keeps_what_is_taken_out
from engage.responses.search.words import terms_of
from engage.responses.services.withdrawing import withdraw
from tests.responses.makers import answer, open_consultation

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def site(app: Flask) -> Site:
    """Give the site of the app under test."""
    found: Site = app.extensions["engage"].site()
    return found


def test_the_worker_indexes_what_was_there_before_the_index(
    unit: Unit, site: Site, worker: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engage.responses.search.index.BATCH", 2)
    with unit() as session:
        consultation = open_consultation()
        for number in range(3):
            answer(consultation, site=site, answers={1: f"Number {number}"})
        session.flush()
    with unit() as session:
        session.execute(text("DELETE FROM response_search"))
        jobs.defer(INDEX, at=clock.now())
    worker()
    with unit():
        assert len(find_responses(terms_of("number"), Looked())) == 3


@pytest.mark.parametrize("database_kind", ["sqlite"])  # on PostgreSQL it is VACUUM that takes them out
def test_words_that_were_taken_back_are_in_no_part_of_the_index_after_the_sweep(
    unit: Unit, site: Site, worker: Callable[..., int], database_url: str
) -> None:
    """P17: at once where SQLite can, else within the hour; other people's words are still found."""
    with unit():
        consultation = open_consultation()
        code = answer(consultation, site=site, answers={1: "Zanzibarlike and other words."})
        answer(consultation, site=site, answers={1: "Other people's words."})
    assert b"zanzibarlike" in _parts(database_url)
    with unit():
        withdraw(code, at=clock.now())
        is_left = keeps_what_is_taken_out()
    assert (b"zanzibarlike" in _parts(database_url)) is is_left
    worker(clock.now() + timedelta(hours=2))
    assert b"zanzibarlike" not in _parts(database_url)
    assert b"people" in _parts(database_url)
    with unit():
        assert len(find_responses(terms_of("words"), Looked())) == 1


def _parts(database_url: str) -> bytes:
    """Return all that the index keeps, part by part."""
    connection = sqlite3.connect(make_url(database_url).database or "")
    try:
        return b"".join(row[0] for row in connection.execute("SELECT block FROM response_words_data"))
    finally:
        connection.close()
