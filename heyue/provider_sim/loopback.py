"""A provider's server on a port of this machine, with faults on command."""

from __future__ import annotations

import json
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    path: str
    query: dict[str, str]
    body: bytes
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)  # names in small letters

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Refusal(Exception):
    """The provider says no with an HTTP status of its own."""

    def __init__(self, status: int, answer: dict[str, Any]) -> None:
        super().__init__(status)
        self.status, self.answer = status, answer


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next request whose path ends so. `after`: it is carried out first, then answered badly.

    `answer`: JSON in place of the right one, or `body`: bytes that need be none; `status`: an HTTP status; `cut`: no answer at all; `seconds`: waits first.
    """

    path: str
    answer: dict[str, Any] | None = None
    body: bytes | None = None
    status: int = 200
    cut: bool = False
    seconds: float = 0
    after: bool = False


class Server(ThreadingHTTPServer):
    """Says nothing of clients that go away."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@dataclass
class Loopback(ABC):
    """Serves `respond` over HTTP. Use as a context. `standing`: what goes wrong with every request that no other fault meets."""

    port: int = 0
    faults: deque[Fault] = field(default_factory=deque)
    standing: Fault | None = None
    asked: list[str] = field(default_factory=list)

    @abstractmethod
    def respond(self, asked: Asked) -> dict[str, Any]:
        """The provider's answer to a request.

        Raises:
            Refusal: it answers with another HTTP status than 200.
        """

    def __enter__(self) -> Any:
        self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()

    def listen(self) -> None:
        """Take connections, on the port of before if there was one."""
        self._server = Server(("127.0.0.1", self.port), _handler_of(self))
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def refuse(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, asked: Asked) -> tuple[int, bytes] | None:
        """Status and body, with the fault that is due; None: the connection is cut."""
        self.asked.append(asked.path)
        fault = next((each for each in self.faults if asked.path.endswith(each.path)), None)
        if fault is not None:
            self.faults.remove(fault)
        elif self.standing is not None and asked.path.endswith(self.standing.path):
            fault = self.standing
        else:
            return self._carried_out(asked)
        is_replaced = fault.answer is not None or fault.body is not None
        is_done = fault.after or not (is_replaced or fault.status != 200 or fault.cut)
        right = self._carried_out(asked)[1] if is_done else b"{}"
        time.sleep(fault.seconds)
        said = fault.body if fault.answer is None else _json(fault.answer)
        return None if fault.cut else (fault.status, right if said is None else said)

    def _carried_out(self, asked: Asked) -> tuple[int, bytes]:
        try:
            return 200, _json(self.respond(asked))
        except Refusal as refusal:
            return refusal.status, _json(refusal.answer)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()  # all of it escaped: half a character too is sent as it is


def _handler_of(loopback: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = loopback.answer(Asked(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), body, self.command, headers))
            if answer is None:
                self.connection.close()
                return
            self.send_response(answer[0])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
