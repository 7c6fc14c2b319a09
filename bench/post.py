"""The worker: how many mails it renders and hands over, what it keeps in memory, and what bookings notice of it."""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from sqlalchemy import func, select

from bench.load import Load, measure
from bench.measures import COMPLETE, OURS, said
from bench.rushes import percentile
from bench.scene import SLUG, Scene
from bench.servers import database, engage_site
from config import ROOT, Settings
from engage.bookings.importing import ImportRow, import_bookings, plan_import
from engage.events.queries import get_event
from engage.kernel import clock
from engage.mail.enums import MessageState
from engage.mail.models import Message

PEOPLE, MANY = 2000, 20_000
QUEUED_S, RATE, WORKER_MB = 5.0, 200, 150
LONGEST_S = 900


def post(kind: str, *, seconds: float, large: bool = False) -> None:
    """Measure the outbox and the worker on a fresh database."""
    with TemporaryDirectory(prefix="eng-post-") as folder, database(kind, Path(folder)) as url:
        scene = Scene(url, Path(folder))
        scene.fill()
        print(f"\n{kind}: the outbox")
        _drain(scene, MANY if large else PEOPLE)
        if not large:
            _booking_beside_mail(scene, seconds=seconds)


def _drain(scene: Scene, people: int) -> None:
    """Queue invitations, and let one worker on one processor hand them over to a server on another."""
    took = [_invite(scene, first) for first in range(0, people, PEOPLE)]
    slowest = max(took)
    print(f"{PEOPLE:,} invitations queued in {slowest:.1f} s (goal {QUEUED_S:g} s: {said(slowest < QUEUED_S)})")
    with _sink() as (port, count), _worker(scene, f"smtp://127.0.0.1:{port}") as worker:
        sizes = []
        end = time.monotonic() + LONGEST_S
        while _waiting(scene) and time.monotonic() < end:
            time.sleep(0.5)
            sizes.append(psutil.Process(worker.pid).memory_info().rss / 1e6)
        taken = count()
    rate = taken["count"] / taken["seconds"]
    early = sizes[len(sizes) // 10]
    print(
        f"one worker on one processor: {taken['count']:.0f} mails rendered and handed over, {rate:.0f} a second"
        f" (goal {RATE}: {said(rate >= RATE)}); memory {early:.0f} MB, at the end {sizes[-1]:.0f} MB"
        f" (goal {WORKER_MB} MB: {said(max(sizes) <= WORKER_MB)})"
    )


def _invite(scene: Scene, first: int) -> float:
    """Write down so many people at once, as an organiser's import does; returns the seconds that it took."""
    site = Settings.from_env({**scene.environment, "INSTANCE_FOLDER": str(scene.folder)}, root=ROOT).site()
    people = [
        ImportRow(number, f"Cleo Hart {number}", f"cleo{number}@example.net", "", 1)
        for number in range(first, first + PEOPLE)
    ]
    with scene.unit():
        event, at = get_event(SLUG), clock.now()
        began = time.monotonic()
        seen = plan_import(event, people, at=at).digest
        import_bookings(event.id, people, seen=seen, locale="en", site=site, at=at, actor=None)
    return time.monotonic() - began


def _waiting(scene: Scene) -> int:
    with scene.unit() as session:
        return session.scalar(select(func.count(Message.id)).where(Message.state == MessageState.QUEUED)) or 0


@contextmanager
def _sink() -> Iterator[tuple[int, Callable[[], dict[str, float]]]]:
    """Run a mail server on the second processor; gives its port, and what ends it and says what it took."""
    command = [sys.executable, "-m", "bench.sink"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        out = process.stdout
        _keep_to(process.pid, -1)

        def count() -> dict[str, float]:
            process.send_signal(signal.SIGTERM)
            found: dict[str, float] = json.loads(out.read())
            return found

        try:
            yield int(out.readline()), count
        finally:
            process.terminate()
            out.read()


@contextmanager
def _worker(scene: Scene, smtp_url: str) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {**os.environ, **scene.environment, "INSTANCE_FOLDER": str(scene.folder), "SMTP_URL": smtp_url}
    command = [sys.executable, "-m", "flask", "worker"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _keep_to(process.pid, 0)
        for server in psutil.Process().children(recursive=True):
            if server.name().startswith("postgres"):  # what it does for the worker is not the worker's
                _keep_to(server.pid, -1)
        try:
            yield process
        finally:
            process.terminate()


def _keep_to(pid: int, number: int) -> None:
    """Let a process use one processor only, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {sorted(os.sched_getaffinity(0))[number]})


def _booking_beside_mail(scene: Scene, *, seconds: float) -> None:
    """Let eight people book while the mail server takes mail, is away, and hangs (R12)."""
    found = {}
    with _sink() as (port, _), socket.create_server(("127.0.0.1", 0), backlog=50) as hanging:
        urls = {
            "takes mail": f"smtp://127.0.0.1:{port}",
            "is away": f"smtp://127.0.0.1:{_closed_port()}",
            "hangs": f"smtp://127.0.0.1:{hanging.getsockname()[1]}",
        }
        for name, url in urls.items():
            with engage_site(scene, environment={"SMTP_URL": url}, with_worker=True) as site:
                load = Load(site.port, COMPLETE, headers=OURS)
                measure(replace(load, seconds=1.0))
                found[name] = measure(replace(load, seconds=seconds)).journeys_ms
    usual = percentile(found["takes mail"], 95)
    for name, times in found.items():
        late = percentile(times, 95)
        print(
            f"bookings while the mail server {name}: p50 {statistics.median(times):.0f} ms, p95 {late:.0f} ms,"
            f" {late / usual:.2f} times"
        )


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
