"""The sites that are measured, what they use of the machine, and the databases that they run on."""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bench.scene import Scene
from tests.live_server import LiveSite, live_site
from tests.servers import postgresql

PROCESSES = 4
WITHOUT_TESTS = Path(__file__).parent / "without_tests"


@dataclass(frozen=True)
class Ground:
    """Engage on its scene beside the two apps that it is held against, each on a database of its own."""

    bare: LiveSite
    floor: LiveSite
    engage: LiveSite
    scene: Scene


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of an empty database; the disk is waited for in both kinds."""
    if kind == "postgresql":
        with postgresql(fast=False) as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'engage.db'}"


@contextmanager
def ground(kind: str) -> Iterator[Ground]:
    """Run the three apps on the same disk or server."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="eng-bench-")))
        scene = Scene(stack.enter_context(database(kind, folder)), folder)
        scene.fill()
        others = {name: _other_database(kind, folder, name, scene.database_url) for name in ("bare", "floor")}
        _make_tables(others)
        sites = [
            stack.enter_context(live_site(url, workers=PROCESSES, with_worker=False, application=f"bench.{name}:app"))
            for name, url in others.items()
        ]
        yield Ground(*sites, stack.enter_context(engage_site(scene)), scene)


def engage_site(
    scene: Scene,
    *,
    workers: int = PROCESSES,
    with_worker: bool = False,
    environment: Mapping[str, str] | None = None,
) -> AbstractContextManager[LiveSite]:
    """Return a running Engage on a scene, as in production; without a worker mails are written and not sent."""
    settings = {
        **scene.environment,
        "INSTANCE_FOLDER": str(scene.folder),
        "PYTHONPATH": str(WITHOUT_TESTS),
        **(environment or {}),
    }
    return live_site(scene.database_url, workers=workers, with_worker=with_worker, environment=settings)


def _other_database(kind: str, folder: Path, name: str, url: str) -> str:
    return url if kind == "postgresql" else f"sqlite:///{folder / name}.db"


def _make_tables(urls: dict[str, str]) -> None:
    """Load both apps, which read their address as they are loaded, and make their tables."""
    os.environ["DATABASE_URL"] = urls["bare"]
    from bench import bare  # noqa: PLC0415

    bare.make_tables()
    os.environ["DATABASE_URL"] = urls["floor"]
    from bench import floor  # noqa: PLC0415

    floor.make_tables(urls["floor"])


def processes(site: LiveSite) -> list[psutil.Process]:
    """Return the server's processes: the first one starts and watches the others."""
    assert site.web is not None
    parent = psutil.Process(site.web.pid)
    return [parent, *parent.children(recursive=True)]


def cpu_seconds(site: LiveSite) -> float:
    """Return the processor time, user and system, of a server. A database server's own is not in it."""
    return sum(sum(process.cpu_times()[:2]) for process in processes(site))


def worker_memory_mb(site: LiveSite) -> float:
    """Return the resident memory of the largest worker in MB."""
    return max(process.memory_info().rss for process in processes(site)[1:]) / 1e6
