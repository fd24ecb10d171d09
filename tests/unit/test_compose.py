"""docker-compose.yml: all parts, each with a health check, and no secret in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))[
    "services"
]


def test_all_parts_are_there() -> None:
    assert set(SERVICES) == {"postgres", "redis", "actions", "rasa", "coach", "reader", "worker"}


@pytest.mark.parametrize("name", SERVICES)
def test_each_part_has_a_health_check_and_waits_for_what_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"]
    assert all(each == {"condition": "service_healthy"} for each in service.get("depends_on", {}).values())


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_from_the_environment(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        if any(word in variable for word in ("PASSWORD", "KEY", "DATABASE_URL")):
            assert "${" in value
            assert ":?" in value, f"{variable} must be refused when it is not set"


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_listens_beyond_this_machine(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


def test_files_that_the_commands_name_exist() -> None:
    words = [word for service in SERVICES.values() for word in _words(service.get("command", []))]
    files = [word for word in words if "/" in word and word.endswith((".yml", ".py"))]
    assert files
    assert all((ROOT / file).is_file() for file in files)


def _words(command: str | list[str]) -> list[str]:
    return command.split() if isinstance(command, str) else command
