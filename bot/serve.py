"""`python -m bot.serve`: the bot on a port of this machine."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from bot import rasa_speedups
from heyue.errors import BadInput, HeyueError

BOT = Path(__file__).resolve().parent
MODEL = BOT / "models" / "heyue.tar.gz"
MOST_REQUEST_BYTES = 1_048_576  # what the server reads at all; each channel has a smaller limit of its own
LOCAL_LOCKS = "bot.session_stores.LocalLocks"
ONE_PROCESS = "1"
FIGURES_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # must be set before prometheus_client is imported
CANNOT_START, FAILED = 2, 3


def main(words: list[str] | None = None) -> int:
    """Serve until stopped. Exit status 0 after a stop, 2 when it cannot start, 3 when it failed to."""
    options = parsed(words)
    try:
        if problem := obstacle(options):
            print(f"bot.serve: {problem}", file=sys.stderr)
            return CANNOT_START
        return 0 if serve(options) else FAILED
    except HeyueError as error:
        print(f"bot.serve: {error}", file=sys.stderr)
        return CANNOT_START


def parsed(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bot.serve", description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--interface", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--endpoints", type=Path, default=BOT / "endpoints.yml")
    parser.add_argument("--credentials", type=Path, default=BOT / "credentials.yml")
    return parser.parse_args(words)


def obstacle(options: argparse.Namespace) -> str | None:
    """Why the bot cannot start, with the remedy; None when it can."""
    if not options.model.is_file():  # Rasa would silently take any other model in the folder
        return f"the model {options.model} is missing: run `make train`"
    for file in (options.endpoints, options.credentials):
        if not file.is_file():
            return f"the file {file} is missing"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.interface, options.port))
        except (OSError, OverflowError) as error:
            return f"port {options.port} of {options.interface} cannot be used ({error}): choose another by --port"
    return None


def serve(options: argparse.Namespace) -> bool:
    """Run Rasa's server over our endpoints until it is stopped; whether it ever listened."""
    prepare_process()
    if not rasa_speedups.needs_tensorflow(options.model):
        rasa_speedups.import_rasa_without_tensorflow()
    from rasa.core.run import serve_application

    from bot.faults import answer_faults
    from bot.leaving import let_go
    from bot.tracing import trace_requests

    rasa_speedups.apply()
    start = Start(f"http://{options.interface}:{options.port}/webhooks/rest/webhook")
    serve_application(
        model_path=str(options.model), interface=options.interface, port=options.port,
        credentials=str(options.credentials), endpoints=endpoints_of(options.endpoints), enable_api=False,
        server_listeners=[
            (trace_requests, "before_server_start"), (answer_faults, "before_server_start"),
            (let_go, "before_server_start"), (start.announce, "after_server_start"),
        ],
    )  # fmt: skip
    return start.succeeded


def prepare_process() -> None:
    """What Rasa and its server read from the environment and the import path."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("SANIC_REQUEST_MAX_SIZE", str(MOST_REQUEST_BYTES))
    if several_processes() and not os.environ.get(FIGURES_FOLDER):
        os.environ[FIGURES_FOLDER] = tempfile.mkdtemp(prefix="heyue-figures-")
    sys.path.insert(0, str(BOT.parent))  # Rasa imports bot.* and actions by name


def several_processes() -> bool:
    """Whether Sanic is to serve by more than one process."""
    return os.environ.get("SANIC_WORKERS", ONE_PROCESS) != ONE_PROCESS


def endpoints_of(file: Path) -> Any:
    """The endpoints of a file; where it names no action server, actions run in this process.

    The store is opened here: one that cannot be opened shows now, not at the first message.
    """
    from rasa.core.utils import AvailableEndpoints

    from bot.local_actions import LocalActions
    from bot.tracing import TracedActions
    from heyue.desk import desk_of_process
    from heyue.watch import logs

    logs.configure("bot")
    endpoints = AvailableEndpoints.read_endpoints(str(file))
    endpoints.action = LocalActions() if endpoints.action is None else TracedActions.like(endpoints.action)
    if endpoints.lock_store.type == LOCAL_LOCKS and several_processes():
        raise BadInput(
            "several processes (SANIC_WORKERS) need locks in Redis: --endpoints bot/endpoints.server.yml"
        )
    desk_of_process()
    return endpoints


class Start:
    """Says where the bot listens once it does, and stops a server that has no usable model."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.succeeded = False

    async def announce(self, app: Any, loop: Any) -> None:
        self.succeeded = app.ctx.agent.is_ready()
        if self.succeeded:
            print(f"bot.serve: {self.address}", flush=True)
        else:
            print("bot.serve: the model cannot be loaded (see above): run `make train`", file=sys.stderr)
            app.stop()


if __name__ == "__main__":
    sys.exit(main())
