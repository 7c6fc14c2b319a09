"""What calendar feeds read, also while it changes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from engage.events import feeds
from engage.events.enums import AppearanceRole
from engage.events.services import add_speaker
from engage.kernel import clock
from engage.kernel.plain import run_plain
from tests.factories import make_event

Unit = Callable[[], AbstractContextManager[Session]]


def test_somebody_who_joins_a_line_up_between_two_reads_breaks_no_feed(
    app: Flask, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit():
        event_id = make_event().id
        _add(event_id, "Asha Rao")
    reads: list[object] = []

    def read_while_others_write(statement: Any, values: Any) -> list[Any]:
        found = run_plain(statement, values)
        if not reads:
            with unit():
                _add(event_id, "Ben Moss")
        reads.append(statement)
        return found

    monkeypatch.setattr(feeds, "run_plain", read_while_others_write)
    with app.app_context():
        [names] = feeds.speakers_in_feed(clock.now()).values()

    assert len(reads) == 2
    assert list(names) == ["Asha Rao"]


def _add(event_id: Any, name: str) -> None:
    add_speaker(
        event_id,
        name=name,
        role_title=None,
        organisation=None,
        role=AppearanceRole.SPEAKER,
        at=clock.now(),
        actor=None,
    )
