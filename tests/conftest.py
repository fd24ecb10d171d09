"""What all tests share: which programs of the machine a test needs, and that CI skips nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# marker: (programs of which one is needed, places besides PATH, the command that brings it)
PROGRAMS = {
    "postgres": (("pg_ctl",), "/usr/lib/postgresql/*/bin", "apt-get install postgresql"),
    "redis": (("redis-server",), "", "apt-get install redis-server"),
    "browser": (("chromium", "chromium-browser", "google-chrome"), "", "apt-get install chromium fonts-noto-cjk"),
    "nginx": (("nginx",), "/usr/sbin", "apt-get install nginx-light"),
    "hadolint": (("hadolint",), f"{Path(sys.executable).parent}", "make setup-dev"),
    "spark": (("java",), "/usr/lib/jvm/*/bin", "apt-get install openjdk-17-jre-headless"),
}
IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")


def program(name: str) -> str | None:
    """Where the program of a marker lies, or None."""
    names, places, _ = PROGRAMS[name]
    folders = [str(each) for each in Path("/").glob(places.lstrip("/"))] if places else []
    path = os.pathsep.join([os.environ.get("PATH", ""), *sorted(folders, reverse=True)])
    return next((found for each in names if (found := shutil.which(each, path=path))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine has no program for, and say which command brings it."""
    for name, (_, _, remedy) in PROGRAMS.items():
        if program(name) is None:
            reason = f"needs a program that is not here: {remedy}"
            for item in items:
                if item.get_closest_marker(name):
                    item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a skip is a failure: what is not run there is not proved anywhere."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        _, _, reason = report.longrepr
        report.outcome, report.longrepr = "failed", f"skipped in CI, where nothing may be: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """The same for whole modules that skip themselves."""
    report = yield
    if IN_CI and report.skipped:
        _, _, reason = report.longrepr
        report.outcome, report.longrepr = "failed", f"module skipped in CI, where nothing may be: {reason}"
    return report
