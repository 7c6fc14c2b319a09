"""Whether the site is alive, and whether it is ready to serve (R28)."""

import shutil
from datetime import timedelta

from flask import Response, jsonify
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from engage.drawing.libraries import missing_packages
from engage.edge import context
from engage.edge.access import access
from engage.kernel import clock
from engage.kernel.db import db
from engage.kernel.errors import UnavailableError
from engage.kernel.models import WorkerHeartbeat
from engage.kernel.unit_of_work import unit_of_work
from engage.mail.queries import oldest_unsent
from engage.web.operations.blueprint import bp

DISK_RESERVE = 200 * 1024 * 1024
WORKER_SILENT = timedelta(minutes=1)
MAIL_LATE = timedelta(hours=1)


@bp.get("/healthz")
@access("anyone")
def alive() -> Response:
    """Answer as long as the process does."""
    return jsonify(status="ok")


@bp.get("/readyz")
@access("anyone")
def ready() -> tuple[Response, int]:
    """Say what works, a word for each; 503 when something does not.

    Without the system's libraries certificates wait, and their pages serve meanwhile: that is said, and no failure.
    """
    checks = {"database": _database_writes(), "disk": _disk_has_room()}
    if checks["database"]:
        checks["worker"] = _worker_is_alive()
        checks["mail"] = _mail_is_in_time()
    words = {name: "ok" if good else "failing" for name, good in checks.items()}
    missing = missing_packages()
    words["certificates"] = f"waiting for {', '.join(missing)}" if missing else "ok"
    return jsonify(words), 200 if all(checks.values()) else 503


def _database_writes() -> bool:
    try:
        with unit_of_work() as session:  # takes the write lock and changes no row
            session.execute(update(WorkerHeartbeat).where(WorkerHeartbeat.name == "").values(name=""))
    except (SQLAlchemyError, UnavailableError):
        return False
    return True


def _disk_has_room() -> bool:
    return shutil.disk_usage(context.settings().instance_folder).free > DISK_RESERVE


def _worker_is_alive() -> bool:
    last = db.session.scalar(select(func.max(WorkerHeartbeat.at)))
    return last is not None and clock.now() - last < WORKER_SILENT


def _mail_is_in_time() -> bool:
    oldest = oldest_unsent()
    return oldest is None or clock.now() - oldest < MAIL_LATE
