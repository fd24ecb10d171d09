"""`python -m tests.conversation_tests`: Rasa's conversation tests, and the proof that all of them really ran."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONVERSATIONS = ROOT / "tests" / "conversations"
LEAST = 80


def stories_in_files() -> int:
    """How many conversations the files hold. Rasa passes over a file that is not named test_*.yml."""
    return sum(
        line.lstrip("- ").startswith("story:")
        for file in CONVERSATIONS.rglob("*.yml")
        for line in file.read_text(encoding="utf-8").splitlines()
    )


def run_rasa(out: Path, *flags: str) -> tuple[int, str]:
    """Rasa's verdict as an exit status, and what it printed; its reports lie in `out`."""
    command = [
        sys.executable, "-m", "rasa", "test", "core", "--e2e", "--no-plot", *flags, "--out", str(out),
        "--model", str(ROOT / "bot/models/heyue.tar.gz"), "--stories", str(CONVERSATIONS),
    ]  # fmt: skip
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **quiet}, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout


def counts_of(out: Path) -> tuple[int, int]:
    """How many conversations ran, and how many of them were right."""
    report = out / "story_report.json"
    if not report.exists():
        return 0, 0
    counts = json.loads(report.read_text(encoding="utf-8"))["conversation_accuracy"]
    return counts["total"], counts["correct"]


def main() -> int:
    """Exit status 0 only when every conversation of the files ran and was right."""
    expected = stories_in_files()
    with tempfile.TemporaryDirectory() as folder:
        status, printed = run_rasa(Path(folder), "--fail-on-prediction-errors")
        if status != 0:  # it stops at the first failure: once more, for all of them
            _, more = run_rasa(Path(folder))
            failures = Path(folder) / "failed_test_stories.yml"
            print(failures.read_text(encoding="utf-8") if failures.exists() else printed + more)
        total, correct = counts_of(Path(folder))
    print(f"conversation tests: {total} ran, {correct} right, {expected} in the files (at least {LEAST} wanted)")
    if status == 0 and total == correct == expected >= LEAST:
        return 0
    print("conversation tests: FAILED", file=sys.stderr)
    return status or 1


if __name__ == "__main__":
    sys.exit(main())
