"""The sample fills an empty database once, follows the clock, and goes without a trace."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from engage.commands.sample import coming_day
from engage.consultations.enums import FrameworkKind
from engage.consultations.footnotes import FootnoteFaults, footnote_faults
from engage.consultations.queries import all_consultations, links_between
from engage.events.models import Event
from engage.kernel.db import db
from engage.responses.models import Response


def run(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=["sample", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def titles(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Event.title).order_by(Event.starts_at)))


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2026, 11, 22), date(2027, 3, 31)),
        (date(2027, 3, 30), date(2027, 3, 31)),
        (date(2027, 3, 31), date(2028, 3, 31)),
    ],
)
def test_the_coming_webinar_is_on_the_next_31_march_at_least_a_day_away(today: date, day: date) -> None:
    assert coming_day(datetime(today.year, today.month, today.day, 9, tzinfo=UTC)) == day


def test_a_second_load_changes_nothing(app: Flask) -> None:
    assert "sample loaded" in run(app, "load")
    before = titles(app)

    assert "nothing changed" in run(app, "load")
    assert titles(app) == before
    assert len(before) == 2


def test_transport_and_housing_both_support_work_in_the_vision_beside_the_missions(app: Flask) -> None:
    """The vision says so in three sentences, which are four links; it cites a note that it does not list (rule 11)."""
    run(app, "load")
    with app.app_context():
        [consultation] = all_consultations()
        missions, vision = consultation.frameworks
        assert [(f.kind, f.stated_count, len(f.themes)) for f in (missions, vision)] == [
            (FrameworkKind.MISSION, 12, 10),
            (FrameworkKind.GOAL, None, 8),
        ]
        assert links_between(missions.themes) == []
        number = {theme.id: theme.number for theme in vision.themes}
        links = [(number[link.from_id], number[link.to_id]) for link in links_between(vision.themes)]
        assert links == [(2, 1), (2, 3), (5, 1), (6, 1)]
        assert footnote_faults(consultation) == [FootnoteFaults("The vision: eight goals", (2,), ())]


def test_it_moves_on_once_its_coming_webinar_is_over(app: Flask, clock: object) -> None:
    run(app, "load")
    clock.shift(timedelta(days=400))  # type: ignore[attr-defined]

    assert "moved on" in run(app, "load")
    with app.app_context():
        starts = db.session.scalars(select(Event.starts_at).order_by(Event.starts_at)).all()
    assert starts[0] < datetime.now(UTC) < starts[1]


def test_it_loads_into_an_empty_database_alone(app: Flask) -> None:
    made = app.test_cli_runner().invoke(
        args=["person", "create", "real@example.org", "--role", "organiser", "--password-stdin"],
        input="a long enough pass-phrase\n",
    )
    assert made.exit_code == 0, made.output

    assert "not empty" in run(app, "load")
    assert titles(app) == []


def test_removing_leaves_nothing(app: Flask) -> None:
    run(app, "load")

    run(app, "remove")

    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Response)) == 0
        left = {
            table.name: db.session.scalar(select(func.count()).select_from(table))
            for table in db.metadata.sorted_tables
            if table.name not in {"privacy_notice", "audit_entry"}
        }
    assert {name: count for name, count in left.items() if count} == {}
