"""The plan of the product, its first start, and the proof that a message reaches the store."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import httpx
import pytest

from heyue.access.people import SignedIn, operator
from heyue.access.roles import roles
from heyue.desk.access import AccessDesk
from heyue.errors import BadInput
from heyue.launch.demonstration import add_demonstration_users, load_demonstration, write_case_file
from heyue.launch.probe import ProbeFailed, probe
from heyue.launch.product import ROOT, Plan, environment_of, parts_of, shared_store, welcome
from heyue.policy import load_policy
from heyue.records import Case
from heyue.settings import ZONE, Settings
from heyue.store import Store, open_store

SHIPPED = ROOT / "bot/demo/cases.csv"
TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(f"sqlite:///{tmp_path / 'heyue.db'}", tmp_path)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings)
    yield opened
    opened.close()


def test_demonstration_fills_an_empty_store_once(store: Store, tmp_path: Path) -> None:
    assert load_demonstration(store, SHIPPED, tmp_path, TODAY) == tmp_path / "demonstration-cases.csv"
    assert cases_left(store) == len(SHIPPED.read_text(encoding="utf-8").splitlines()) - 1
    with store.reading() as tx:
        assert tx.case("DEMO-001").days_overdue(TODAY) == 3
    assert load_demonstration(store, SHIPPED, tmp_path, TODAY) is None


def test_demonstration_shows_every_stage_with_invented_numbers(tmp_path: Path) -> None:
    write_case_file(SHIPPED, tmp_path / "cases.csv", TODAY)
    rows = list(csv.DictReader((tmp_path / "cases.csv").open(encoding="utf-8")))
    stages = {load_policy(None).stage((TODAY - date.fromisoformat(row["due_date"])).days) for row in rows}
    assert len(stages) >= 4
    assert all(row["phone"].startswith("1380000") and len(row["phone"]) == 11 for row in rows)


@pytest.fixture
def desk(store: Store) -> AccessDesk:
    return AccessDesk(store, load_policy(None))


def test_a_demonstration_has_a_user_of_each_role_with_a_password_of_its_own(desk: AccessDesk, tmp_path: Path) -> None:
    load_demonstration(desk.store, SHIPPED, tmp_path, TODAY)
    file = add_demonstration_users(desk, tmp_path, NOW)
    assert file is not None
    assert file.stat().st_mode & 0o777 == 0o600
    users = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    assert {login for login, _, _ in users} == set(roles())
    assert len({password for _, password, _ in users}) == len(users)
    for login, password, _ in users:
        verdict = desk.sign_in(login, password, NOW)
        assert isinstance(verdict, SignedIn)
        assert verdict.user.role.key == login
    assert add_demonstration_users(desk, tmp_path, NOW) is None


def test_beside_a_real_case_no_demonstration_user_is_made(desk: AccessDesk, tmp_path: Path) -> None:
    with desk.store.transaction() as tx:
        tx.put_case(Case("C-1", "赵明远", "江岸消费金融", 100, TODAY, phone="13800138000"))
    assert add_demonstration_users(desk, tmp_path, NOW) is None
    assert desk.users(operator("test")) == []


def test_welcome_says_who_can_sign_in_or_how_to_add_somebody(
    desk: AccessDesk, store: Store, settings: Settings
) -> None:
    assert "heyue users add" in welcome(parts_of(Plan()), settings, store)
    file = add_demonstration_users(desk, settings.data_folder, NOW)
    assert str(file) in welcome(parts_of(Plan()), settings, store)
    (settings.data_folder / "demonstration-users.txt").unlink()
    assert "users" not in welcome(parts_of(Plan()), settings, store)


def test_welcome_leads_newcomers_to_the_try_it_page_where_there_is_somebody_to_play(
    store: Store, settings: Settings
) -> None:
    with store.transaction() as tx:
        tx.put_case(Case("C-1", "赵明远", "江岸消费金融", 100, TODAY))
    assert "try_it" not in welcome(parts_of(Plan()), settings, store)
    with store.transaction() as tx:
        tx.delete_case("C-1")
    load_demonstration(store, SHIPPED, settings.data_folder, NOW.date())
    assert "http://127.0.0.1:9501/try_it" in welcome(parts_of(Plan(coach_port=9501)), settings, store)


def test_welcome_waits_for_nobody_who_writes(store: Store, settings: Settings) -> None:
    with store.transaction() as tx:
        tx.put_case(Case("C-1", "赵明远", "江岸消费金融", 100, TODAY))
        assert "C-1" not in welcome(parts_of(Plan()), settings, store)


def test_actions_run_inside_rasa_unless_asked_otherwise() -> None:
    assert [part.name for part in parts_of(Plan())] == ["bot", "coach", "reader", "worker"]
    assert [part.name for part in parts_of(Plan(action_server=True))] == ["action server", "bot", "coach", "reader", "worker"]


def test_ports_follow_the_plan(settings: Settings) -> None:
    plan = Plan(bot_port=6005, coach_port=9501, actions_port=6055, action_server=True)
    assert [part.port for part in parts_of(plan) if part.port] == [6055, 6005, 9501]
    environment = environment_of(plan, settings)
    assert environment["HEYUE_ACTIONS_URL"] == "http://127.0.0.1:6055/webhook"
    assert environment["HEYUE_DATABASE_URL"] == settings.database_url


def test_parts_write_bytecode_and_send_no_telemetry(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment = environment_of(Plan(), settings)
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"


@pytest.mark.parametrize(
    ("url", "shared"),
    [
        ("sqlite:///here.db", f"sqlite:///{Path('here.db').absolute()}"),
        ("sqlite:////var/heyue.db", "sqlite:////var/heyue.db"),
        ("postgresql://heyue@db/heyue", "postgresql://heyue@db/heyue"),
    ],
)
def test_every_part_finds_the_same_database(settings: Settings, url: str, shared: str) -> None:
    assert shared_store(replace(settings, database_url=url)).database_url == shared


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_database_in_memory_is_refused(settings: Settings, url: str) -> None:
    with pytest.raises(BadInput, match="memory"):
        shared_store(replace(settings, database_url=url))


def test_welcome_names_what_listens_and_hides_the_password(store: Store, settings: Settings) -> None:
    away = replace(settings, database_url="postgresql://heyue:secret@db/heyue")
    text = welcome(parts_of(Plan(bot_port=6005)), away, store)
    assert "http://127.0.0.1:6005/webhooks/rest/webhook" in text
    assert "secret" not in text


def answering(monkeypatch: pytest.MonkeyPatch, store: Store, speakers: list[str], status: int = 200) -> None:
    """A bot that answers every message and writes the turns of `speakers` into the store."""

    def post(_url: str, json: dict[str, str], **_: object) -> httpx.Response:
        with store.transaction() as tx:
            (case,) = tx.cases_of_address(json["sender"])
            conversation = tx.open_conversation(case.case_id, "wechat", json["sender"], NOW)
            for speaker in speakers:
                tx.add_turn(conversation.conversation_id, speaker, "你好", NOW)
        return httpx.Response(status, json=[{"text": "您好"}])

    monkeypatch.setattr("heyue.launch.probe.httpx.post", post)


def cases_left(store: Store) -> int:
    with store.transaction() as tx:
        return tx.connection.exec_driver_sql("SELECT count(*) FROM cases").scalar_one()


def test_probe_finds_the_turn_and_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, store, ["borrower", "bot"])
    probe(store, "http://bot", NOW)
    assert cases_left(store) == 0


@pytest.mark.parametrize(
    ("speakers", "status", "why"),
    [
        (["borrower"], 200, "bot's turn is not"),
        ([], 200, "borrower and bot's"),
        (["borrower", "bot"], 503, "503"),
    ],
)
def test_probe_says_what_is_missing(
    store: Store, monkeypatch: pytest.MonkeyPatch, speakers: list[str], status: int, why: str
) -> None:
    answering(monkeypatch, store, speakers, status)
    with pytest.raises(ProbeFailed, match=why):
        probe(store, "http://bot", NOW)
    assert cases_left(store) == 0
