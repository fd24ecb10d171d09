"""How long the trained models take to load: `python -m bench.model_loading` (prints Markdown). Goal of issue 3: under a second.

Each round is a process of its own. Processor seconds, the best of the rounds; the imports are counted apart, and so is
the first talk, which compiles the expressions and reads the word lists.
"""

from __future__ import annotations

import subprocess
import sys
import time

ROUNDS = 5


def main() -> None:
    rounds = [_round() for _ in range(ROUNDS)]
    print("| what | processor seconds |\n|---|---|")
    for what in rounds[0]:
        print(f"| {what} | {min(seconds[what] for seconds in rounds):.3f} |")


def _round() -> dict[str, float]:
    """Processor seconds of each step, as a process of its own tells them."""
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, "child"], capture_output=True, text=True, check=True
    )
    return {what: float(seconds) for what, seconds in (line.split("\t") for line in done.stdout.splitlines())}


def _child() -> None:
    """Import, load and read for the first time, and tell what each took."""
    begun = time.process_time()

    def told(what: str) -> None:
        nonlocal begun
        print(f"{what}\t{time.process_time() - begun}")
        begun = time.process_time()

    from datetime import datetime

    import numpy  # noqa: F401

    told("import of numpy")
    from heyue.coaching import assessment, debtor_types, situations
    from heyue.coaching.transcript import BORROWER, COLLECTOR, Said, Transcript
    from heyue.conduct import line_check
    from heyue.settings import ZONE
    from heyue.understanding import promise_model, reason_talks, reasons

    told("import of the readers")
    loads = {
        "promises": promise_model.trained_model,
        "reasons": reasons.reason_model,
        "reasons of talks": reason_talks.talk_model,
        "reasons by collector": reason_talks.collector_model,
        "collector lines": line_check.line_model,
        "debtor types": debtor_types.type_model,
        "debtor types by turn": debtor_types.turn_model,
        "situations": situations.situation_model,
        "situations by collector": situations.collector_model,
    }
    loading = time.process_time()
    for name, load in loads.items():
        load()
        told(f"load {name}")
    print(f"**all models**\t{time.process_time() - loading}")
    talk = Transcript((Said(COLLECTOR, "您好，我是云山银行的小李"), Said(BORROWER, "工资没发，下周五还两千")))
    begun = time.process_time()
    assessment.assess(talk, datetime(2026, 11, 24, 10, tzinfo=ZONE))
    told("the first talk")


if __name__ == "__main__":
    _child() if sys.argv[1:] == ["child"] else main()
