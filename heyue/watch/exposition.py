"""How Prometheus gets the figures: by HTTP, from this machine itself or with a token."""

from __future__ import annotations

import ipaddress
import os
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from heyue.errors import BadInput
from heyue.secret_files import read_secret_files
from heyue.watch.http_requests import bears

PATH = "/metrics"
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client when it is imported
TOKEN_VARIABLE, PORT_VARIABLE = "HEYUE_METRICS_TOKEN", "HEYUE_METRICS_PORT"
ADDRESS_VARIABLE, HERE = "HEYUE_METRICS_ADDRESS", "127.0.0.1"
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")  # a proxy speaks for somebody else
OK, FORBIDDEN, NOT_FOUND = 200, 403, 404


def exposition(*more: Collector) -> bytes:
    """The figures as text; of all processes that share a folder where one is named. `more`: what is asked for now."""
    registry = CollectorRegistry()
    if os.environ.get(FOLDER_VARIABLE):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    for collector in more:
        registry.register(collector)
    return generate_latest(registry)


def refusal(peer: str, headers: Mapping[str, str]) -> str | None:
    """Why somebody may not see the figures; None when they may.

    Without HEYUE_METRICS_TOKEN only this machine itself may, and no proxy on it.
    """
    if token := os.environ.get(TOKEN_VARIABLE):
        return None if bears(headers.get("authorization", ""), token) else "the token is missing or wrong"
    if not _is_loopback(peer) or any(name in headers for name in FORWARDED):
        return f"the figures are for this machine only until {TOKEN_VARIABLE} is set"
    return None


def _is_loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


def address_of_figures() -> str:
    """Where a process would serve its figures.

    Raises:
        BadInput: they would be open to other machines without a token.
    """
    address = os.environ.get(ADDRESS_VARIABLE) or HERE
    if not _is_loopback(address) and not os.environ.get(TOKEN_VARIABLE):
        raise BadInput(f"{ADDRESS_VARIABLE}={address} opens the figures to other machines: set {TOKEN_VARIABLE} too")
    return address


def serve_where_configured(*more: Collector) -> ThreadingHTTPServer | None:
    """Serve the figures of this process on HEYUE_METRICS_PORT, where that is set.

    Raises:
        BadInput: no port, it is taken, or it would be open to other machines without a token; a secret file cannot be read.
    """
    read_secret_files(os.environ)  # the token may lie in one
    said = os.environ.get(PORT_VARIABLE)
    if not said:
        return None
    address = address_of_figures()
    try:
        server = ThreadingHTTPServer((address, int(said)), _handler(more))
    except (OSError, OverflowError, ValueError) as error:
        raise BadInput(f"{PORT_VARIABLE}={said} cannot be used ({error}): name a free port") from None
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _handler(more: tuple[Collector, ...]) -> type[BaseHTTPRequestHandler]:
    class Figures(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != PATH:
                self._answer(NOT_FOUND, b"")
            elif why := refusal(self.client_address[0], {name.lower(): said for name, said in self.headers.items()}):
                self._answer(FORBIDDEN, why.encode())
            else:
                self._answer(OK, exposition(*more))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE_LATEST if status == OK else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: a scrape every few seconds says nothing."""

    return Figures
