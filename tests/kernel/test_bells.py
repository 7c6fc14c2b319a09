"""The bell that wakes workers, on real servers: PostgreSQL and Redis."""

import threading
from collections.abc import Callable, Iterator

import pytest

from engage.kernel import bells
from engage.kernel.bells import NetworkBell
from tests.live_server import free_port
from tests.servers import postgresql, redis

LONG_S = 20.0


@pytest.fixture(scope="module", params=["postgresql", "redis"])
def queue_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a running server of each kind."""
    with postgresql() if request.param == "postgresql" else redis() as url:
        yield url.replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def new_bell(queue_url: str) -> Iterator[Callable[[], NetworkBell]]:
    made: list[NetworkBell] = []

    def make() -> NetworkBell:
        made.append(NetworkBell(queue_url))
        return made[-1]

    yield make
    for bell in made:
        bell.close()


def test_whoever_waits_is_woken(new_bell: Callable[[], NetworkBell]) -> None:
    hearing, ringing = new_bell(), new_bell()
    hearing.listen()
    threading.Timer(0.2, ringing.ring).start()

    assert hearing.wait(LONG_S)


def test_a_ring_before_the_wait_is_heard_and_one_ring_wakes_once(new_bell: Callable[[], NetworkBell]) -> None:
    hearing, ringing = new_bell(), new_bell()
    hearing.listen()
    ringing.ring()

    assert hearing.wait(LONG_S)
    assert not hearing.wait(0.1)


def test_all_who_listen_are_woken(new_bell: Callable[[], NetworkBell]) -> None:
    hearing = [new_bell() for _ in range(2)]
    for each in hearing:
        each.listen()
    new_bell().ring()

    assert [each.wait(LONG_S) for each in hearing] == [True, True]


@pytest.mark.parametrize("scheme", ["postgresql", "redis"])
def test_a_server_that_is_away_fails_nobody_and_is_asked_again_later(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bell = NetworkBell(f"{scheme}://127.0.0.1:{free_port()}/0")
    bell.ring()
    laid = []
    monkeypatch.setattr(bells, "_lay_wire", laid.append)
    bell.ring()

    assert not laid, "no booking waits for it again"
    assert not bell.wait(0.05)
