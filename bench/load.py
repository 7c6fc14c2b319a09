"""The load: a process of its own that holds connections open and sends people through the same steps.

`python -m bench.load` reads a Load as JSON from its input and prints a Result as JSON.
"""

import asyncio
import json
import re
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
KEY = re.compile(rb'name="submission_key"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Step:
    """One request. A path or a field may hold {email}, {key}, {location} and {person}.

    {key} is that of the form on the page before, else a fresh one of `Load.secrets`; {location} is where the
    answer before led to; {person} is one of `Load.people`. `good` is the status that is meant to come.
    """

    path: str
    good: str = "200"
    form: dict[str, str] | None = None


@dataclass(frozen=True)
class Load:
    """Who does what for how long.

    Each of `connections` begins its steps again as soon as they are done until `seconds` are over; with `once`
    each goes through them one time only, begun evenly over `seconds` (0: all at the same moment). `revalidate` asks
    whether the first answer still holds.
    """

    port: int
    steps: list[Step]
    seconds: float = 0.0
    connections: int = 8
    headers: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    revalidate: bool = False
    once: bool = False


@dataclass
class Result:
    """What came back: how often all steps went as meant, what else was answered, and how long each took in ms."""

    done: int
    others: dict[str, int]
    seconds: float
    journeys_ms: list[float]
    requests_ms: list[float]
    led_to: dict[str, int]


@dataclass(frozen=True)
class _Answer:
    status: str
    etag: str
    location: str
    body: bytes


class _Walker:
    """Goes through the steps on one connection."""

    def __init__(self, load: Load, number: int) -> None:
        self.load = load
        self.number = number
        self.done = 0
        self.others: Counter[str] = Counter()
        self.led_to: Counter[str] = Counter()
        self.journeys_ms: list[float] = []
        self.requests_ms: list[float] = []
        self.etag = ""

    async def walk(self, began: float) -> None:
        load = self.load
        if load.once and load.seconds:
            await asyncio.sleep(began + load.seconds * self.number / load.connections - time.monotonic())
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", load.port)
        if load.revalidate:
            self.etag = (await self._ask(load.steps[0], {})).etag
            self.requests_ms.clear()
        while True:
            start = time.monotonic()
            self.done += await self._journey()
            self.journeys_ms.append(1000 * (time.monotonic() - start))
            if load.once or time.monotonic() >= began + load.seconds:
                break
        self.writer.close()

    async def _journey(self) -> bool:
        people = self.load.people
        known = {"email": f"{uuid.uuid4().hex}@example.net", "person": people[self.number] if people else ""}
        if self.load.secrets:
            known["key"] = new_submission_key(self.load.secrets, datetime.now(UTC))
        for step in self.load.steps:
            answer = await self._ask(step, known)
            if answer.status != step.good:
                self.others[f"{answer.status} {step.path}"] += 1
                return False
            known["location"] = answer.location
            if answer.location:
                self.led_to[answer.location] += 1
            found = KEY.search(answer.body)
            if found:
                known["key"] = found[1].decode()
        return True

    async def _ask(self, step: Step, known: dict[str, str]) -> _Answer:
        start = time.monotonic()
        self.writer.write(self._request(step, known))
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        status = head[0].split(" ", 2)[1]
        if "chunked" in headers.get("transfer-encoding", ""):
            raise RuntimeError("the answer has no length")
        body = b""
        if status != "304":
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        self.requests_ms.append(1000 * (time.monotonic() - start))
        return _Answer(status, headers.get("etag", ""), headers.get("location", ""), body)

    def _request(self, step: Step, known: dict[str, str]) -> bytes:
        lines = [
            f"{'GET' if step.form is None else 'POST'} {step.path.format_map(known)} HTTP/1.1",
            f"Host: 127.0.0.1:{self.load.port}",
        ]
        lines += [f"{name}: {value}" for name, value in self.load.headers.items()]
        lines += [f"If-None-Match: {self.etag}"] if self.etag else []
        body = b""
        if step.form is not None:
            fields = {name: value.format_map(known) for name, value in step.form.items()}
            body = urllib.parse.urlencode(fields).encode()
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def run(load: Load) -> Result:
    """Send everybody on their way and wait until the last one is back."""
    walkers = [_Walker(load, number) for number in range(load.connections)]
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for walker in walkers:
            group.create_task(walker.walk(began))
    return Result(
        done=sum(walker.done for walker in walkers),
        others=dict(sum((walker.others for walker in walkers), Counter())),
        seconds=time.monotonic() - began,
        journeys_ms=[ms for walker in walkers for ms in walker.journeys_ms],
        requests_ms=[ms for walker in walkers for ms in walker.requests_ms],
        led_to=dict(sum((walker.led_to for walker in walkers), Counter())),
    )


def measure(load: Load) -> Result:
    """Run a load in a process of its own."""
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(
        command, input=json.dumps(asdict(load)), capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    return Result(**json.loads(done.stdout))


def _read(text: str) -> Load:
    values = json.loads(text)
    return Load(**{**values, "steps": [Step(**step) for step in values["steps"]]})


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(run(_read(sys.stdin.read()))))))
