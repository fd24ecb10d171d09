"""docker-compose.yml, Dockerfile and nginx.conf: what can be proved of them without Docker.

tests/e2e/test_compose.py starts the commands of the file for real.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.conftest import program

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
FILE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = FILE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
ONE_SHOT = {"migrate": "on-failure", "operator": "no"}  # these end: no health check, and when they start again
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
# of the Compose Specification (github.com/compose-spec/compose-spec, Apache-2.0), unchanged
SCHEMA = json.loads((ROOT / "tests/data/compose-spec.json").read_text(encoding="utf-8"))


def test_it_follows_the_compose_specification() -> None:
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(FILE)] == []
    broken = {**FILE, "services": {**SERVICES, "redis": {**SERVICES["redis"], "restrat": "always"}}}
    assert list(Draft7Validator(SCHEMA).iter_errors(broken)), "the schema must catch a misspelt key"


def test_all_parts_are_there() -> None:
    ours = {"rasa", "actions", "coach", "reader", "worker", "migrate", "operator"}
    assert set(SERVICES) == {*ours, "nginx", "postgres", "redis"}
    assert set(OURS) == ours
    assert [name for name in SERVICES if "profiles" in SERVICES[name]] == ["operator"]


@pytest.mark.parametrize("name", SERVICES)
def test_each_part_has_a_health_check_and_waits_for_what_it_needs(name: str) -> None:
    service = SERVICES[name]
    for other, each in service.get("depends_on", {}).items():
        ends = other == "migrate"
        assert each == {"condition": "service_completed_successfully" if ends else "service_healthy"}
    if name in ONE_SHOT:
        assert set(service["depends_on"]) == {"postgres"}, "a backup comes before the new schema"
    else:
        assert service["healthcheck"]["test"]
        assert ("migrate" in service.get("depends_on", {})) == (name in OURS)


@pytest.mark.parametrize("name", SERVICES)
def test_each_part_may_do_as_little_as_possible(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].split(":")[0] not in ("", "0", "root")
    assert "privileged" not in service
    assert "docker.sock" not in str(service.get("volumes", []))


@pytest.mark.parametrize("name", SERVICES)
def test_each_part_has_limits_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["restart"] == ONE_SHOT.get(name, "unless-stopped")
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}


@pytest.mark.parametrize("name", SERVICES)
def test_each_image_has_a_full_version(name: str) -> None:
    assert re.search(r":\d+\.\d+(\.\d+)?(-\w+)?$", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_from_files(name: str) -> None:
    service = SERVICES[name]
    for variable, value in service.get("environment", {}).items():
        if re.search("PASSWORD|KEY|TOKEN|SECRET", variable) and not variable.endswith("_FILES"):  # Streamlit: where to look
            assert variable.endswith("_FILE")
            assert Path(value).name in service["secrets"]
    assert not re.search(r"://\w+:[^@]*@", str(service)), "a password in an address"


def test_what_need_not_be_is_optional_and_only_who_speaks_to_a_language_model_learns_of_it() -> None:
    files = {name: SERVICES[name]["env_file"] for name in OURS}
    assert not any(each["required"] for listed in files.values() for each in listed)
    assert {name for name, listed in files.items() if "HEYUE_MODEL_ENV" in str(listed)} == {"actions", "coach"}
    assert all("HEYUE_CHANNELS_ENV" in str(listed) for listed in files.values())


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_listens_beyond_this_machine(name: str) -> None:
    ports = SERVICES[name].get("ports", [])
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert bool(ports) == (name == "nginx")


def test_store_and_locks_are_on_a_network_without_a_way_out() -> None:
    assert FILE["networks"]["back"] == {"internal": True}
    for name in ("postgres", "redis", "actions", "migrate", "operator", "reader"):
        assert SERVICES[name]["networks"] == ["back"]


def test_every_variable_is_documented() -> None:
    words = set(re.findall(r"\b(?:HEYUE|TICKET|POSTGRES)_[A-Z_]+", TEXT + (ROOT / "bot/endpoints.server.yml").read_text()))
    documented = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    own = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE", "POSTGRES_INITDB_ARGS"}  # of PostgreSQL's image
    assert {word for word in words - own if f"`{word.removesuffix('_FILE')}" not in documented} == set()


def test_the_memory_that_is_asked_for_is_enough_for_all_limits() -> None:
    def mebibytes(service: dict[str, Any]) -> int:
        number, unit = re.fullmatch(r"(\d+)([mg])", service["deploy"]["resources"]["limits"]["memory"]).groups()  # type: ignore[union-attr]
        return int(number) * {"m": 1, "g": 1024}[unit] * service["deploy"].get("replicas", 1)

    said = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    sums = re.search(r"cores and (\d+) GB .*\n.* add up to (\d+) GB", said)
    assert sums
    up = sum(mebibytes(each) for name, each in SERVICES.items() if name not in ONE_SHOT)
    assert up == int(sums[2]) * 1024
    assert up + max(mebibytes(SERVICES[name]) for name in ONE_SHOT) <= int(sums[1]) * 1024


def folders(name: str) -> dict[str, bool]:
    """What is mounted into a service, and whether it may only be read."""
    return {each["target"]: each.get("read_only", False) for each in SERVICES[name]["volumes"] if isinstance(each, dict)}


def test_every_file_that_a_variable_names_lies_in_a_folder_that_all_our_parts_read() -> None:
    """The paths are those that docs/operations.md tells an operator to write into channels.env."""
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "heyue").rglob("*.py"))
    named = dict(re.findall(r"^(HEYUE_\w+)=(/\S+\.yml)$", (ROOT / "docs/operations.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(named) == {f"HEYUE_{each}" for each in ("POLICY", "CONTACT_GATE", "OUTREACH", "RETENTION", "SMS_TEMPLATES",
                                                       "WECHAT_TEMPLATES")}  # fmt: skip
    assert [variable for variable in named if f'"{variable}"' not in code] == []
    for name in OURS:
        assert [path for path in named.values() if folders(name).get(str(Path(path).parent)) is not True] == [], name


def test_only_the_coach_sees_the_file_of_the_identity_provider() -> None:
    file = Path(SERVICES["coach"]["environment"]["STREAMLIT_SECRETS_FILES"])
    assert {name for name in OURS if str(file.parent) in folders(name)} == {"coach"}
    assert folders("coach")[str(file.parent)] is True
    assert file.is_relative_to("/run")  # over no folder of the image or of tmpfs
    assert f"`{file}`" in (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def test_files_that_the_commands_name_exist() -> None:
    words = [word for service in SERVICES.values() for word in service.get("command", [])]
    files = [word for word in words if "/" in word and word.endswith((".yml", ".py"))]
    assert files
    assert all((ROOT / file).is_file() for file in files)


@pytest.mark.parametrize("name", OURS)
def test_an_image_runs_by_itself_what_the_compose_file_runs(name: str) -> None:
    target = SERVICES[name]["build"]["target"]
    stage = re.search(rf"^FROM \w+ AS {target}\n((?:.+\n)*)", DOCKERFILE, re.MULTILINE)
    assert stage
    command = re.search(r"^CMD (\[.*\])$", stage[1], re.MULTILINE)
    assert command
    if name != "reader":  # the worker's image with another command
        assert json.loads(command[1]) == SERVICES[name]["command"]


@pytest.mark.hadolint
def test_the_dockerfile_passes_its_linter() -> None:
    linter = program("hadolint")
    assert linter
    done = subprocess.run([linter, "-"], input=DOCKERFILE, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    careless = DOCKERFILE.replace("python:3.10.19-slim-bookworm", "python:latest")
    assert subprocess.run([linter, "-"], input=careless, capture_output=True, text=True, check=False).returncode


def test_the_image_holds_no_secret_and_runs_as_nobody_special() -> None:
    """What a linter does not know: our names of secrets, and that the last word on the user is not root's."""
    assert not re.search(r"^(?:ENV|ARG)\b.*(?:PASSWORD|KEY|TOKEN|SECRET)", DOCKERFILE, re.MULTILINE)
    stages = {each[2]: each for each in re.finditer(r"^FROM (\S+) AS (\w+)\n((?:(?!FROM ).*\n)*)", DOCKERFILE, re.MULTILINE)}
    for target in {SERVICES[name]["build"]["target"] for name in OURS}:
        lines = [stages[each] for each in (target, stages[target][1])]
        assert [user for stage in lines for user in re.findall(r"^USER (.*)$", stage[3], re.MULTILINE)] == ["10001:10001"]
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".secrets", ".git", ".venv", "tests", "**/.env*", "backups", "settings", "var"} <= set(ignored)


def test_our_parts_have_a_user_of_their_own_and_it_has_a_name() -> None:
    """Without a line in /etc/passwd the audit log could name a number only."""
    assert {SERVICES[name]["user"] for name in OURS} == {"10001:10001"}
    base = re.search(r"^FROM \S+ AS base\n((?:(?!FROM ).*\n)*)", DOCKERFILE, re.MULTILINE)
    assert base
    assert re.search(r"groupadd --gid 10001 heyue\b", base[1])
    assert re.search(r"useradd .*--uid 10001 --gid 10001 .*\bheyue$", base[1], re.MULTILINE)


def test_the_door_lets_uploads_through_as_large_as_the_coach_takes() -> None:
    taken = re.search(r"^maxUploadSize = (\d+)$", (ROOT / ".streamlit/config.toml").read_text(), re.MULTILINE)
    assert taken
    assert f"client_max_body_size {taken[1]}m;" in (ROOT / "nginx.conf").read_text(encoding="utf-8")


def test_the_door_knows_the_channels_that_prove_who_calls() -> None:
    """REST asks for no proof: it is reached over the inner port only."""
    conf = (ROOT / "nginx.conf").read_text(encoding="utf-8")
    doors = re.findall(r"\^/webhooks/\(([a-z_|]+)\)/", conf)
    channels = yaml.safe_load((ROOT / "bot/credentials.yml").read_text(encoding="utf-8"))
    assert len(doors) == 1
    assert "rest" not in doors[0].split("|")
    assert len(doors[0].split("|")) == len(channels) - 2  # REST, and the figures, which are no channel
