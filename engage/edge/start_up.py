"""What must hold before a site serves anybody (R26, R37)."""

from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from config import ROOT, SettingsError
from engage.accounts.models import Person
from engage.edge import context
from engage.kernel.db import db

HEAD = ROOT / "migrations" / ".current-alembic-head"


def refuse_unfit_database(app: Flask, *, serves: bool = True) -> None:
    """Raise SettingsError, which names every fault, unless the database is ours and in order.

    The schema must be the one that this code was written for; where a site serves people in production, nobody
    may be there whose pass-phrase is known to everybody.
    """
    with app.app_context():
        try:
            faults = _faults(
                HEAD.read_text(encoding="ascii").strip(),
                sample_may_be_there=context.settings().development or not serves,
            )
        except SQLAlchemyError as error:
            faults = [f"The database does not answer ({type(error).__name__})."]
        finally:
            db.session.remove()
            db.engine.dispose()  # server processes are forked from this one
    if faults:
        raise SettingsError(faults)


def _faults(head: str, *, sample_may_be_there: bool) -> list[str]:
    found = None
    if inspect(db.engine).has_table("alembic_version"):
        found = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    if found != head:
        return [f"The database is at revision {found or 'none'}, this code needs {head}: run `flask db upgrade`."]
    if not sample_may_be_there and db.session.scalar(select(Person.id).where(Person.is_sample).limit(1)):
        return ["The sample's sign-ins are in the database, and everybody knows them: run `flask sample remove`."]
    return []
