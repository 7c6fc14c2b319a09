"""What every test may ask for: a database of each kind, the app, its worker, its outbox, and the clock.

No fixture holds an app context open while a client talks to the app: one client's login leaks to another.
"""

import dataclasses
import email.policy
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import flask_migrate
import pytest
import time_machine
from flask import Flask, Response
from flask.testing import FlaskClient
from hypothesis import settings as examples
from sqlalchemy import event, select
from sqlalchemy.orm import ORMExecuteState, Session

from config import ROOT, Settings
from engage import cli, jobs
from engage.app import create_app
from engage.edge import page_store
from engage.edge.context import EXTENSION
from engage.kernel import clock as real_clock
from engage.kernel.db import db
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.models import Message
from tests.databases import TestDatabase
from tests.servers import Line, object_store, postgresql

# No example is timed, and a commit is judged by the same examples each time; HYPOTHESIS_PROFILE=explore draws new ones.
examples.register_profile("same", deadline=None, derandomize=True)
examples.register_profile("explore", deadline=None)
examples.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
TEST_BEGINS = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
LONGEST = ("live", "patrols", "browser")  # folders whose tests take minutes


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that at the end no process is left alone with it."""
    items.sort(key=lambda item: Path(item.path).relative_to(ROOT / "tests").parts[0] not in LONGEST)


@event.listens_for(Session, "after_flush")
def _note_flush(session: Session, _context: object) -> None:
    session.info["unfinished"] = True


@event.listens_for(Session, "do_orm_execute")
def _note_change(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info["unfinished"] = True


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _note_end(session: Session) -> None:
    session.info.pop("unfinished", None)


def _refuse_uncommitted_work(response: Response) -> Response:
    """Fail a view that changed something and left it uncommitted."""
    session = db.session()
    unfinished = session.info.get("unfinished") or session.new or session.dirty or session.deleted
    assert not unfinished, "a view left work uncommitted; changes belong inside unit_of_work()"
    return response


def build_settings(database_url: str, folder: Path, **environment: str) -> Settings:
    """Return settings that know nothing of the process's environment or of `.env`."""
    values = {
        "ENGAGE_ENV": "development",
        "SECRET_KEY": "a-secret-for-tests-and-nothing-else-at-all",
        "LINK_SECRETS": "a-link-secret-for-tests-and-nothing-else",
        "BASE_URL": "http://localhost",
        "DATABASE_URL": database_url,
        "LIMITS": "off",
        "LIMITS_URL": "memory://",
        "CALENDAR_COLLECT_SECONDS": "0",
        "INSTANCE_FOLDER": str(folder / "instance"),
        **environment,
    }
    return dataclasses.replace(Settings.from_env(values, root=folder), root=ROOT)


def _build_app(settings: Settings) -> Flask:
    app = create_app(settings)
    cli.init_app(app)
    app.config.update(TESTING=True)
    app.after_request(_refuse_uncommitted_work)
    return app


def _dispose(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions[page_store.EXTENSION].engine.dispose()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], TestDatabase]]:
    """Give a function that returns the migrated database of a kind; each process has its own."""
    made: dict[str, TestDatabase] = {}
    with ExitStack() as servers:

        def database(kind: str) -> TestDatabase:
            if kind not in made:
                folder = tmp_path_factory.mktemp(kind)
                if kind.startswith("postgresql"):
                    url = servers.enter_context(postgresql())
                else:
                    url = f"sqlite:///{folder / 'engage.db'}"
                app = _build_app(build_settings(url, folder))
                with app.app_context():
                    flask_migrate.upgrade()
                _dispose(app)
                made[kind] = TestDatabase(url)
                made[kind].keep_what_is_there()
            return made[kind]

        yield database


@pytest.fixture(scope="session")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[TestDatabase], Flask]]:
    """Give a function that returns the app of a database; it is built once for each process."""
    made: dict[str, Flask] = {}

    def app(database: TestDatabase) -> Flask:
        if database.url not in made:
            made[database.url] = _build_app(build_settings(database.url, tmp_path_factory.mktemp("app")))
        return made[database.url]

    yield app
    for each in made.values():
        _dispose(each)


@pytest.fixture(scope="session")
def object_store_line() -> Iterator[Line]:
    """Give a line to a server that speaks S3."""
    with object_store() as line:
        yield line


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Run every test that touches a database on both kinds; a folder whose tests need one overrides this."""
    return str(request.param)


@pytest.fixture
def database(database_kind: str, databases: Callable[[str], TestDatabase]) -> Iterator[TestDatabase]:
    """Give an empty, migrated database."""
    found = databases(database_kind)
    yield found
    found.empty()


@pytest.fixture
def database_url(database: TestDatabase) -> str:
    """Give the address of an empty, migrated database."""
    return database.url


@pytest.fixture
def app(database: TestDatabase, apps: Callable[[TestDatabase], Flask]) -> Flask:
    """Give the app as tests use it: development, no limits, no SMTP."""
    return apps(database)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Give settings equal to the app's; `make_app` builds an app with others."""
    return build_settings(database_url, tmp_path)


@pytest.fixture
def make_app(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Give a function that builds an app with other settings: `make_app(LIMITS="book=2/min per address")`."""
    made: list[Flask] = []

    def make(**environment: str) -> Flask:
        made.append(_build_app(build_settings(database_url, tmp_path, **environment)))
        return made[-1]

    yield make
    for each in made:
        _dispose(each)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a visitor's browser; `app.test_client()` makes another person."""
    return app.test_client()


@pytest.fixture
def unit(app: Flask) -> Callable[[], AbstractContextManager[Session]]:
    """Give a transaction to use as `with unit() as session:`; it is committed and closed at the end."""

    @contextmanager
    def one_unit() -> Iterator[Session]:
        with app.app_context(), unit_of_work() as session:
            yield session

    return one_unit


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Stop the clock at TEST_BEGINS; `clock.move_to(moment)` and `clock.shift(timedelta)` move it."""
    with time_machine.travel(TEST_BEGINS, tick=False) as traveller:
        yield traveller


@pytest.fixture
def worker(app: Flask) -> Callable[..., int]:
    """Give a function that does every job due at a moment (now unless given) and says how many it did."""

    settings: Settings = app.extensions[EXTENSION]
    runner = jobs.Runner(settings.site(), smtp_url=settings.smtp_url, name="tests", stopping=threading.Event())

    def work(at: datetime | None = None) -> int:
        with app.app_context():
            return runner.run_due(at=at or real_clock.now())

    return work


@dataclass(frozen=True)
class SentMail:
    """A row of the outbox with its parsed bytes; `mail` is None until the worker has rendered it."""

    kind: str
    to: str
    state: str
    mail: EmailMessage | None


@pytest.fixture
def outbox(app: Flask) -> Callable[[], list[SentMail]]:
    """Give a function that returns every message, in the order they were queued."""

    def read() -> list[SentMail]:
        with app.app_context():
            rows = db.session.scalars(select(Message).order_by(Message.id)).all()
            return [SentMail(row.kind, row.to_addr, str(row.state), _parsed(row.bytes)) for row in rows]

    return read


def _parsed(raw: bytes | None) -> EmailMessage | None:
    return None if raw is None else BytesParser(policy=email.policy.default).parsebytes(raw)
