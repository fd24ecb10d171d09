"""`heyue doctor`: each thing that can be wrong is named with its remedy, and looking changes nothing."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from heyue.cli import main
from heyue.launch import checkup
from heyue.launch.checkup import (
    BAD,
    CHECKS,
    GOOD,
    LEFT_OUT,
    UNPROVED,
    Line,
    check_up,
    machine,
    readable_settings,
    servers,
)
from heyue.provider_sim.language_model import ChatModel
from heyue.provider_sim.loopback import Fault
from heyue.records import Case
from heyue.settings import ZONE, LanguageModelSettings, Settings
from heyue.store import Keys, open_store

NOW = datetime.now(ZONE)
CASE = Case("C-1", "赵明远", "江岸", 1, NOW.date(), id_last4="5126")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with a store and nothing else."""
    for name in [each for each in os.environ if each.startswith("HEYUE_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "data"
    made = Settings(f"sqlite:///{folder / 'heyue.db'}", folder, bot_url="http://127.0.0.1:1")
    store = open_store(made)
    with store.transaction() as tx:
        tx.put_case(CASE)
    store.close()
    return made


def looked(settings: Settings, at: datetime = NOW) -> dict[str, Line]:
    return dict(zip(CHECKS, check_up(settings, lambda: at), strict=True))


def test_an_installation_in_order_has_nothing_bad(settings: Settings) -> None:
    states = {key: line.state for key, line in looked(settings).items() if key not in ("fonts", "java")}
    assert set(states.values()) == {GOOD, LEFT_OUT}
    assert {key for key, state in states.items() if state == LEFT_OUT} == {
        "same_time", "backup_programs", "queue", "locks", "bot", "language_model", "metrics", "tokens",
    }  # fmt: skip


def test_looking_at_a_bare_machine_makes_nothing(settings: Settings, tmp_path: Path) -> None:
    bare = Settings(f"sqlite:///{tmp_path / 'none/heyue.db'}", tmp_path / "none")
    lines = looked(bare)
    assert {key for key in ("key", "database") if lines[key].state == BAD} == {"key", "database"}
    assert "heyue migrate" in lines["database"].remedy
    assert not (tmp_path / "none").exists()


def test_an_event_that_nothing_here_knows_is_shown_with_number_and_moment(settings: Settings) -> None:
    with (store := open_store(settings)).transaction() as tx:
        for _ in range(2):
            tx.keep_event("wecom", "next_year", NOW, NOW + timedelta(days=1))
    store.close()
    line = looked(settings)["events"]
    assert (line.state, line.says) == (UNPROVED, f"wecom next_year 2 次（最近 {NOW:%Y-%m-%d %H:%M}）")
    assert "events.yml" in line.remedy
    assert looked(settings, NOW + timedelta(days=2))["events"].state == GOOD


def other_key(settings: Settings) -> Settings:
    (settings.data_folder / "data.key").unlink()
    Keys.from_environment(settings.data_folder)
    return settings


def open_key(settings: Settings) -> Settings:
    (settings.data_folder / "data.key").chmod(0o644)
    return settings


def bad_key(settings: Settings) -> Settings:
    (settings.data_folder / "data.key").write_text("none")
    return settings


def at_version(version: str) -> Callable[[Settings], Settings]:
    def moved(settings: Settings) -> Settings:
        with open_store(settings).engine.begin() as connection:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))
        return settings

    return moved


@pytest.mark.parametrize(
    ("damage", "key", "remedy"),
    [
        (open_key, "key", "chmod 600"),
        (bad_key, "key", "openssl rand -base64 32"),
        (other_key, "sealed", "换回这个库原来的"),
        (at_version("0001"), "schema", "heyue migrate"),
        (at_version("0999"), "schema", "请更新 heyue"),
        (lambda each: replace(each, database_url="postgresql://heyue:s3cret@127.0.0.1:1/heyue"), "database", "数据库服务"),
        (lambda each: replace(each, database_url="s3cret"), "database", "postgresql://"),
        (lambda each: replace(each, queue_url="redis://:s3cret@127.0.0.1:1/1"), "queue", "HEYUE_QUEUE_URL"),
        (lambda each: replace(each, queue_url="s3cret"), "queue", "HEYUE_QUEUE_URL"),
        (lambda each: replace(each, queue_url="redis://:s3cret@127.0.0.1:x/1"), "queue", "HEYUE_QUEUE_URL"),
        (lambda each: replace(each, policy_path=Path("/nowhere")), "configuration", "HEYUE_POLICY"),
        (lambda each: replace(each, retention_path=Path("/nowhere")), "configuration", "HEYUE_RETENTION"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(
    settings: Settings, damage: Callable[[Settings], Settings], key: str, remedy: str
) -> None:
    lines = looked(damage(settings))
    assert lines[key].state == BAD
    assert remedy in lines[key].remedy
    assert "s3cret" not in repr(lines)


@pytest.mark.parametrize(
    ("name", "value", "key", "remedy"),
    [
        ("HEYUE_SMS_PROVIDER", "nobody", "configuration", "外发渠道"),
        ("HEYUE_WECHAT_APP_ID", "wx1", "configuration", "外发渠道"),
        ("HEYUE_REDIS_HOST", "nowhere.invalid", "locks", "HEYUE_REDIS_HOST"),
        ("HEYUE_REDIS_PORT", "s3cret", "locks", "HEYUE_REDIS_PORT"),
        ("PATH", "/nowhere", "fonts", "fonts-noto-cjk"),
        ("JAVA_HOME", "/nowhere", "java", "openjdk"),
        ("HEYUE_METRICS_PORT", "s3cret", "metrics", "空闲端口"),
        ("HEYUE_ACTIONS_TOKEN", "s3cret", "tokens", "openssl rand -hex 32"),
        ("HEYUE_METRICS_TOKEN", "s3cret", "tokens", "openssl rand -hex 32"),
    ],
)
def test_what_the_environment_lacks_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str, key: str, remedy: str
) -> None:
    monkeypatch.setenv("HEYUE_REDIS_HOST", "127.0.0.1")
    monkeypatch.setenv(name, value)
    line = looked(settings)[key]
    assert line.state == BAD
    assert remedy in line.remedy
    assert "s3cret" not in repr(line)


def test_figures_open_to_other_machines_need_a_token(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYUE_METRICS_PORT", "9100")
    monkeypatch.setenv("HEYUE_METRICS_ADDRESS", "0.0.0.0")
    assert looked(settings)["metrics"].state == BAD
    monkeypatch.setenv("HEYUE_METRICS_TOKEN", "s3cret" * 8)
    lines = looked(settings)
    assert (lines["metrics"].state, lines["tokens"].state) == (GOOD, GOOD)
    assert "s3cret" not in repr(lines)


@pytest.mark.parametrize(("key", "state", "remedy"), [("right", GOOD, ""), ("s3cret", BAD, "HEYUE_LLM_KEY")])
def test_a_language_model_that_does_not_let_us_in_is_named(settings: Settings, key: str, state: str, remedy: str) -> None:
    with ChatModel(key="right") as there:
        asked = LanguageModelSettings(f"{there.url}/v1", there.model, key)
        line = looked(replace(settings, language_model=asked))["language_model"]
    assert line.state == state
    assert remedy in line.remedy
    assert "s3cret" not in repr(line)


def test_a_language_model_that_is_away_is_named(settings: Settings) -> None:
    away = LanguageModelSettings("http://127.0.0.1:1/v1", "small", "s3cret")
    line = looked(replace(settings, language_model=away))["language_model"]
    assert line.state == BAD
    assert "s3cret" not in repr(line)


@pytest.mark.parametrize(
    ("fault", "state", "says"),
    [
        (Fault("/models", {}, status=500), BAD, "HTTP 500"),
        (Fault("/models", {}, status=302), BAD, "登录页"),
        (Fault("/models", body=b"<html>"), BAD, "登录页"),
        (Fault("/models", {}, status=404), UNPROVED, "没有模型列表"),
    ],
)
def test_an_answer_that_is_no_list_of_models_is_not_good(settings: Settings, fault: Fault, state: str, says: str) -> None:
    with ChatModel(faults=deque([fault])) as there:
        asked = LanguageModelSettings(f"{there.url}/v1", there.model, there.key)
        line = looked(replace(settings, language_model=asked))["language_model"]
    assert line.state == state
    assert says in line.says
    assert line.remedy


@pytest.mark.parametrize("text", ["a: [", "- 1", "event_broker: x", "", "event_broker:"])
def test_a_configuration_of_the_bot_that_names_no_broker_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/endpoints.yml").write_text(text)
    monkeypatch.setattr(servers, "PACKAGE", tmp_path / "heyue")
    line = looked(settings)["broker"]
    assert (line.state, "event_broker" in line.remedy) == (BAD, True)


@pytest.mark.parametrize("script", ["sleep 5", None], ids=["it never ends", "it is no program"])
def test_a_program_that_does_not_run_stops_no_check(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str | None
) -> None:
    (tmp_path / "fc-list").write_text(f"#!/bin/sh\nexec {script}\n" if script else "")
    (tmp_path / "fc-list").chmod(0o755)
    monkeypatch.setattr(machine, "PROGRAM_SECONDS", 0.1)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert looked(settings)["fonts"].state == BAD


def test_a_check_that_breaks_hides_nothing_and_tells_no_secret(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_settings: Settings, _now: datetime) -> str:
        raise ZeroDivisionError("s3cret")

    monkeypatch.setattr(checkup, "CHECKS", {**CHECKS, "folder": breaks})
    lines = looked(settings)
    assert (lines["folder"].state, lines["folder"].says) == (BAD, "没有查完（ZeroDivisionError）")
    assert lines["key"].state == GOOD
    assert "s3cret" not in repr(lines)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"HEYUE_LLM_URL": "https://llm.example/v1", "HEYUE_LLM_MODEL": "m", "HEYUE_LLM_USES": "dreams"}, ["HEYUE_LLM_USES"]),
        ({"HEYUE_LLM_URL": "llm.example", "HEYUE_DATA_KEY_FILE": "/nowhere"}, ["HEYUE_DATA_KEY_FILE", "HEYUE_LLM_URL"]),
        ({"HEYUE_DATABASE_URL": "postgresql://u:s3cret[@h/db", "HEYUE_DATABASE_PASSWORD": "x"}, ["HEYUE_DATABASE_PASSWORD"]),
        ({}, []),
    ],
)
def test_a_variable_that_cannot_be_read_is_left_out_and_the_rest_is_looked_at(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: list[str]
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    read, wrong = readable_settings(None)
    assert [line.says.split(" 不能用")[0] for line in wrong] == named
    assert all(line.state == BAD and line.remedy for line in wrong)
    assert "s3cret" not in repr(wrong)
    assert len(looked(read)) == len(CHECKS)


@pytest.mark.parametrize(("status", "ends"), [(500, "项需要处理"), (404, "没有发现问题，1 项无法证实"), (200, "一切正常")])
def test_the_command_sums_it_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: int, ends: str
) -> None:
    monkeypatch.setattr(checkup, "CHECKS", {"language_model": CHECKS["language_model"]})
    with ChatModel(faults=deque([Fault("/models", {}, status=status)])) as there:
        for name, value in {"URL": f"{there.url}/v1", "MODEL": there.model, "KEY": there.key}.items():
            monkeypatch.setenv(f"HEYUE_LLM_{name}", value)
        assert main(["doctor"]) == (1 if status == 500 else 0)
    assert capsys.readouterr().out.splitlines()[-1].endswith(ends)


def test_what_is_wrong_is_said_in_chinese(settings: Settings) -> None:
    away = looked(replace(settings, database_url="postgresql://heyue@127.0.0.1:1/heyue"))["database"]
    assert away.says.startswith("连不上数据库（")


def test_a_database_that_is_away_is_said_once(settings: Settings) -> None:
    lines = looked(replace(settings, database_url="postgresql://heyue@127.0.0.1:1/heyue"))
    assert {key for key, line in lines.items() if line.state == BAD} - {"fonts", "java"} == {"database"}


def test_a_clock_that_went_back_is_named(settings: Settings) -> None:
    assert looked(settings, NOW - timedelta(days=3_650))["clock"].state == BAD
