"""The load: a process of its own that holds a few connections open and asks on each as soon as it was answered.

`python -m bench.load` reads a Load as JSON from its input and prints a Result as JSON.
"""

import asyncio
import json
import subprocess
import sys
import time
import urllib.parse
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from engage.kernel.tokens import new_submission_key

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Load:
    """What to ask for how long.

    `form` makes each request a POST with a fresh address, `secrets` sign a fresh key for it. `revalidate` asks
    once without being counted, and then again and again whether that answer still holds.
    """

    port: int
    path: str
    seconds: float
    connections: int = 8
    headers: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] | None = None
    secrets: list[str] = field(default_factory=list)
    revalidate: bool = False

    def request(self, etag: str = "") -> bytes:
        """Return the next request."""
        lines = [f"{'POST' if self.form else 'GET'} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"If-None-Match: {etag}"] if etag else []
        body = b""
        if self.form:
            fields = {**self.form, "email": f"{uuid.uuid4().hex}@example.net"}
            if self.secrets:
                fields["submission_key"] = new_submission_key(self.secrets, datetime.now(UTC))
            body = urllib.parse.urlencode(fields).encode()
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Result:
    """What came back: answers by status, and how long it took in seconds."""

    statuses: dict[str, int]
    seconds: float


async def run(load: Load) -> Result:
    """Ask on every connection until the time is over."""
    statuses: Counter[str] = Counter()
    began = time.monotonic()
    end = began + load.seconds

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
        fixed = None if load.form else load.request()
        if load.revalidate:
            writer.write(load.request())
            fixed = load.request((await _answer(reader))[1])
        while True:
            writer.write(fixed or load.request())
            statuses[(await _answer(reader))[0]] += 1
            if time.monotonic() >= end:
                break
        writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(load.connections):
            group.create_task(one_connection())
    return Result(dict(statuses), time.monotonic() - began)


async def _answer(reader: asyncio.StreamReader) -> tuple[str, str]:
    """Read one answer to its end; returns its status and its ETag."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    status = head[0].split(" ", 2)[1]
    if "chunked" in headers.get("transfer-encoding", ""):
        raise RuntimeError("the answer has no length")
    if status != "304":
        await reader.readexactly(int(headers.get("content-length", 0)))
    return status, headers.get("etag", "")


def measure(load: Load) -> Result:
    """Run a load in a process of its own."""
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(command, input=json.dumps(asdict(load)), capture_output=True, text=True, check=True, cwd=ROOT)
    return Result(**json.loads(done.stdout))


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(run(Load(**json.load(sys.stdin)))))))
