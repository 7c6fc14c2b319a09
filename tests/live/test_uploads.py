"""Ten recordings at once, and one whose sender goes away: pages answer meanwhile, nothing is left behind (R30, L4)."""

import threading
import time
from collections import Counter

import pytest
from sqlalchemy import select

from engage.media.models import MediaAsset
from engage.media.storage import FolderStorage
from tests.live.conftest import Running
from tests.live.crowd import Visitor, all_at_once
from tests.live.uploads import send_recording
from tests.responses.makers import open_consultation

pytestmark = pytest.mark.live

MEGABYTE = 1024 * 1024
UPLOADS, SIZE = 10, 3 * MEGABYTE
PAGE = "/consultations/spoken/respond"


def test_ten_recordings_at_once_are_stored_whole_while_pages_answer(running: Running) -> None:
    with running.unit():
        open_consultation("spoken")
    storage, over, pages = FolderStorage(running.site.folder / "media"), threading.Event(), Counter[int]()

    def read_on() -> None:
        while not over.is_set():
            pages[Visitor(running.site.port, "").ask("GET", "/consultations/spoken/").status] += 1

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        sendings = [lambda: send_recording(running.site.port, PAGE, size=SIZE, field="media-1")] * UPLOADS
        answers = all_at_once(sendings)
        cut = send_recording(running.site.port, PAGE, size=SIZE, field="media-1", cut_after=2 * MEGABYTE)
    finally:
        over.set()
        reader.join()

    assert Counter(answer.status for answer in answers) == {303: UPLOADS}, running.site.logs()
    assert len({answer.location for answer in answers}) == UPLOADS
    assert cut.status == 0
    assert set(pages) == {200}
    with running.unit() as session:
        stored = {asset.storage_key: asset.size for asset in session.scalars(select(MediaAsset))}
    assert list(stored.values()) == [SIZE] * UPLOADS
    assert set(_settled(storage, UPLOADS)) == set(stored)
    assert {path.name for path in storage.folder.rglob("*") if path.is_file()} == set(stored)


def _settled(storage: FolderStorage, count: int) -> list[str]:
    """Return what is stored once the request that broke off has ended, too."""
    end = time.monotonic() + 5
    while len(names := list(storage.names())) != count and time.monotonic() < end:
        time.sleep(0.05)
    return names
