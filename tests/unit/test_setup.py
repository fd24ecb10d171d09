""".ci/setup on machines that lack something: what it passes over, and what it says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEAD_SHIM = "#!/bin/sh\necho 'pyenv: python3.10: command not found' >&2\nexit 127\n"
OTHER_VERSION = "#!/bin/sh\nexit 1\n"  # runs, but is no complete Python 3.10


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What .ci/setup reads of a clone, and an empty home."""
    folder = tmp_path / "clone"
    (folder / ".ci").mkdir(parents=True)
    for name in (".ci/setup", ".ci/uv.txt", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, folder / name)
    (tmp_path / "home").mkdir()
    return folder


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def setup(clone: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it where no Python of this machine is found: a dead shim and a failing python3 stand first on PATH."""
    home = clone.parent / "home"
    program(home / "bin/python3.10", DEAD_SHIM)
    program(home / "bin/python3", OTHER_VERSION)
    environment = {"HOME": str(home), "PATH": f"{home}/bin:/usr/bin:/bin", **variables}
    return subprocess.run(
        ["bash", ".ci/setup", *words], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )


def test_without_any_python_3_10_it_says_what_is_missing_and_the_remedies(clone: Path) -> None:
    done = setup(clone, PYTHON310=str(program(clone / "old", OTHER_VERSION)))
    assert done.returncode != 0
    assert "needs Python 3.10" in done.stderr
    assert "pyenv install 3.10" in done.stderr
    assert not (clone / ".venv").exists()


def test_a_dead_shim_is_passed_over_for_a_python_of_pyenv(clone: Path) -> None:
    """The Python that is found only has to say that it suits; building with it then fails in its own words."""
    suits = "#!/bin/sh\ncase \"$1\" in -c) exit 0;; -m) echo 'this one was taken' >&2; exit 1;; esac\necho Python 3.10\n"
    program(clone.parent / "home/.pyenv/versions/3.10.99/bin/python", suits)
    done = setup(clone)
    assert "versions/3.10.99/bin/python" in done.stdout
    assert "this one was taken" in done.stderr
    assert done.returncode != 0


def test_an_unknown_kind_is_wrong_usage(clone: Path) -> None:
    assert setup(clone, "everything").returncode == 2


def test_nothing_is_done_when_the_environment_stands(clone: Path) -> None:
    """The stamp holds a hash of the lock; a changed lock makes it void."""
    program(clone / ".venv/bin/python", "#!/bin/sh\nexit 0\n")
    (clone / ".venv/bin/pip").write_text(f"#!{clone}/.venv/bin/python\n")
    inputs = b"".join(
        (clone / name).read_bytes() for name in ("requirements.lock", ".ci/uv.txt", "pyproject.toml")
    )
    stamp = subprocess.run(["git", "hash-object", "--stdin"], input=inputs, capture_output=True, check=True)
    (clone / ".venv/heyue-installed").write_text(f"product {stamp.stdout.decode()}")
    assert setup(clone).returncode == 0
    assert setup(clone).stdout == ""
    (clone / "requirements.lock").write_text("another==1.0\n")
    assert "installing 1 packages" in setup(clone).stdout


def test_locks_name_no_index_and_pin_everything_by_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", ".ci/uv.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        blocks = [
            block for block in text.replace("\\\n", "").splitlines() if block and not block.startswith("#")
        ]
        assert blocks
        assert all("==" in block and "--hash=sha256:" in block for block in blocks)


def test_the_product_installs_a_part_of_what_the_tests_install() -> None:
    pins = [
        {line.split()[0] for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if "==" in line}
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] < pins[1]
