"""A server that speaks Akismet's contract (akismet.com/developers), on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

KEY = "a1b2c3"
THANKS = "Thanks for making the web a better place."


@dataclass
class Akismet:
    """What it was asked, and how it behaves: `trouble` is a status it answers with, `recheck_s` a wait it asks for."""

    url: str = ""
    trouble: int | None = None
    recheck_s: int | None = None
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def asked(self, call: str = "comment-check") -> list[dict[str, str]]:
        """Return the parameters of each call of a kind."""
        return [values for name, values in self.calls if name == call]

    def answer(self, call: str, values: dict[str, str]) -> tuple[int, str, dict[str, str]]:
        """Return status, body and headers of an answer."""
        if self.trouble is not None:
            return self.trouble, "Service Unavailable", {}
        if values.get("api_key") != KEY or not values.get("blog") or not values.get("user_ip"):
            return 200, "invalid", {"X-akismet-debug-help": "We need a key, a blog and a user_ip."}
        if call != "comment-check":
            return 200, THANKS, {}
        if "akismet-guaranteed-spam" in (values.get("comment_author"), values.get("comment_content")):
            return 200, "true", {"X-akismet-guid": "g-1", "X-Akismet-Pro-Tip": "discard"}
        if self.recheck_s is not None and values.get("recheck_reason") != "recheck":
            return 200, "false", {"X-akismet-guid": "g-2", "X-akismet-recheck-after": str(self.recheck_s)}
        return 200, "false", {"X-akismet-guid": "g-3"}


@contextmanager
def serving() -> Iterator[Akismet]:
    """Serve on a free port of loopback while the block runs."""
    akismet = Akismet()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            given = parse_qs(self.rfile.read(size).decode(), keep_blank_values=True, strict_parsing=True)
            values = {name: value[0] for name, value in given.items()}
            call = self.path.removeprefix("/1.1/")
            akismet.calls.append((call, values))
            akismet.headers.append(dict(self.headers))
            status, body, headers = akismet.answer(call, values)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    akismet.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield akismet
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
