"""The rule of tests/conftest.py: a skip is a skip on a user's machine and a failure in CI."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SKIPS = {
    "one test": "import pytest\n\n@pytest.mark.skip(reason='no server')\ndef test_it(): pass\n",
    "in the test": "import pytest\n\ndef test_it(): pytest.skip('no server')\n",
    "a fixture": "import pytest\n\n@pytest.fixture\ndef it(): pytest.skip('no server')\n\ndef test_it(it): pass\n",
    "a module": "import pytest\n\npytest.skip('no server', allow_module_level=True)\n",
}


def run(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(
        (ROOT / "tests/conftest.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", str(folder)],
        cwd=folder, env={**os.environ, "CI": ci}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("kind", SKIPS)
def test_a_skip_fails_in_ci_only(tmp_path: Path, kind: str) -> None:
    (tmp_path / "test_some.py").write_text(SKIPS[kind])
    at_home, in_ci = run(tmp_path, ""), run(tmp_path, "true")
    assert "1 skipped" in at_home.stdout
    assert in_ci.returncode not in (0, 5), in_ci.stdout
    assert "no server" in in_ci.stdout


def test_a_missing_program_skips_and_names_the_command_that_brings_it(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text("import pytest\n\n@pytest.mark.fancy\ndef test_it(): pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = fancy: needs a program\n")
    source = (ROOT / "tests/conftest.py").read_text(encoding="utf-8")
    extra = 'PROGRAMS["fancy"] = (("no-such-program",), "", "apt-get install fancy")\n'
    (tmp_path / "conftest.py").write_text(source + "\n\n" + extra, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, env={**os.environ, "CI": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "1 skipped" in done.stdout
    assert "apt-get install fancy" in done.stdout
