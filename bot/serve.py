"""`python -m bot.serve`: the bot on a port of this machine."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
from pathlib import Path

BOT = Path(__file__).resolve().parent
MODEL = BOT / "models" / "heyue.tar.gz"


def main(words: list[str] | None = None) -> int:
    """Serve until stopped. Exit status 0 after a stop, 2 when it cannot start."""
    options = parsed(words)
    if problem := obstacle(options):
        print(f"bot.serve: {problem}", file=sys.stderr)
        return 2
    serve(options)
    return 0


def parsed(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bot.serve", description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--interface", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--endpoints", type=Path, default=BOT / "endpoints.yml")
    parser.add_argument("--credentials", type=Path, default=BOT / "credentials.yml")
    parser.add_argument("--stock", action="store_true", help="without the mends of bot/rasa_speedups.py (for bench)")
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
        except OSError as error:
            return f"port {options.port} of {options.interface} is taken ({error.strerror}): choose another by --port"
    return None


def serve(options: argparse.Namespace) -> None:
    """Start Rasa's server with our endpoints."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    sys.path.insert(0, str(BOT.parent))  # Rasa imports bot.* and actions by name
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    from bot import rasa_speedups
    from bot.local_actions import LocalActions
    from heyue.desk import desk_of_process

    configure_logging_and_warnings(logging.WARNING)
    configure_structlog(logging.WARNING)
    endpoints = AvailableEndpoints.read_endpoints(str(options.endpoints))
    if endpoints.action is None:
        endpoints.action = LocalActions()
    if not options.stock:
        rasa_speedups.apply()
    desk_of_process()  # a store that cannot be opened shows now, not at the first message
    print(f"bot.serve: http://{options.interface}:{options.port}/webhooks/rest/webhook", flush=True)
    serve_application(
        model_path=str(options.model), interface=options.interface, port=options.port,
        credentials=str(options.credentials), endpoints=endpoints, enable_api=False,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
