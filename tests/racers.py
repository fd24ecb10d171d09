"""Processes that do the same thing at the same moment."""

from __future__ import annotations

import subprocess
import sys

READY = """
import structlog, sys
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # what is printed is the deed's
print('ready', flush=True)
sys.stdin.read()
"""


def race(imports: str, deed: str, *words: str, racers: int = 2) -> list[list[str]]:
    """Run `deed` in several processes that wait for each other after `imports`; what each printed, by words.

    The deed's sys.argv[1:] are `words` and the racer's number. A racer that fails makes the race fail.
    """
    running = [
        subprocess.Popen(
            [sys.executable, "-c", imports + READY + deed, *words, str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(racers)
    ]  # fmt: skip
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in running:
        assert each.stdin is not None
        each.stdin.close()
    printed = [each.stdout.read().split() for each in running if each.stdout]
    assert [each.wait(60) for each in running] == [0] * racers
    return printed
