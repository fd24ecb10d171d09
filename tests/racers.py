"""Processes that do the same thing at the same moment."""

from __future__ import annotations

import subprocess
import sys

READY = "\nimport sys\nprint('ready', flush=True)\nsys.stdin.read()\n"


def race(imports: str, deed: str, *words: str, racers: int = 2) -> list[list[str]]:
    """Run `deed` in several processes that wait for each other after `imports`; what each printed, by words.

    `words` are the deed's sys.argv[1:]. A racer that fails makes the race fail.
    """
    running = [
        subprocess.Popen(
            [sys.executable, "-c", imports + READY + deed, *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(racers)
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
