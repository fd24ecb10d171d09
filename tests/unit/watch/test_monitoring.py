"""Dashboard and alerts name figures and labels that exist, and are explained."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.channels.metrics import BotFigures
from heyue.desk import open_desk
from heyue.desk.figures import StoreFigures
from heyue.settings import ZONE, Settings
from heyue.watch import metrics
from heyue.watch.exposition import exposition

FOLDER = Path(__file__).parents[3] / "docs/monitoring"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((FOLDER / "rules.yml").read_text(encoding="utf-8"))["groups"] for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [target["expr"] for panel in PANELS for target in panel["targets"]]
README = (FOLDER / "README.md").read_text(encoding="utf-8")
NAME = re.compile(r"heyue_[a-z_]+|heyue:[a-z_:0-9]+")
SELECTOR = re.compile(r"(heyue_[a-z_]+)\{([^}]*)\}")
GROUPING = re.compile(r"(?:by|on) \(([^)]*)\)")
LABELS_OF_STORE = {"channel", "task", "holder", "state"}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names that a process of the bot shows: no other shows more."""
    folder = tmp_path_factory.mktemp("figures")
    desk = open_desk(Settings(f"sqlite:///{folder / 'heyue.db'}", folder))
    text = exposition(StoreFigures(lambda: desk, lambda: datetime.now(ZONE)), BotFigures()).decode()
    desk.store.close()
    found = set()
    for family in text_string_to_metric_families(text):
        found |= {family.name + end for end in ENDINGS[family.type]}
    return found


ENDINGS = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum"), "unknown": ()}


def labels() -> dict[str, set[str]]:
    """The labels of our figures by name."""
    ours = {each._name: set(each._labelnames) for each in vars(metrics).values() if hasattr(each, "_labelnames")}
    return {f"{name}{end}": known | ({"le"} if end == "_bucket" else set())
            for name, known in ours.items() for end in ("", "_total", "_bucket")}  # fmt: skip


def recorded() -> set[str]:
    return {rule["record"] for rule in RULES if "record" in rule}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_figure_that_is_asked_for_exists(expression: str, shown: set[str]) -> None:
    names = set(NAME.findall(expression))
    assert names
    assert names <= shown | recorded()
    assert all(expression.count(left) == expression.count(right) for left, right in ("()", "{}", "[]"))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_label_that_is_asked_for_exists(expression: str) -> None:
    known = labels()
    for name, said in SELECTOR.findall(expression):
        asked = set(re.findall(r"(\w+)\s*[=!]", said))
        assert asked <= known.get(name, LABELS_OF_STORE), name
    everywhere = set().union(*known.values()) | LABELS_OF_STORE
    for said in GROUPING.findall(expression):
        assert {each.strip() for each in said.split(",")} <= everywhere


def test_each_figure_is_explained_and_each_is_looked_at(shown: set[str]) -> None:
    named = set(NAME.findall(README))
    for name in (each for each in shown if each.startswith("heyue_")):
        base = re.sub(r"_(bucket|count|sum)$", "", name)
        assert base in named or name in named, f"{name} is not explained in docs/monitoring/README.md"
        assert re.search(rf"{base}", " ".join(EXPRESSIONS)), f"nobody looks at {name}"


WORKER_BEFORE_ITS_FIRST_TASK = """
from datetime import datetime
from heyue.desk import desk_of_process
from heyue.desk.figures import StoreFigures
from heyue.jobs import worker
from heyue.settings import ZONE
from heyue.watch.exposition import exposition
print(exposition(StoreFigures(desk_of_process, lambda: datetime.now(ZONE))).decode())
"""


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[float]]:
    """Names and values that a process shows which is no bot and has begun no task: as coach, reader, action server."""
    environment = os.environ | {"HEYUE_DATA_FOLDER": str(tmp_path_factory.mktemp("idle")), "HEYUE_DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", WORKER_BEFORE_ITS_FIRST_TASK], env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, set[float]] = {}
    for family in text_string_to_metric_families(done.stdout):
        for sample in family.samples:
            found.setdefault(sample.name, set()).add(sample.value)
    return found


def test_an_alert_on_a_part_that_is_gone_asks_for_what_only_that_part_shows(idle: dict[str, set[float]]) -> None:
    """`absent` stays quiet as long as anybody shows the figure, and a comparison with nothing gives nothing."""
    asked = {rule["alert"]: re.findall(r"absent\(([a-z_]+)( > 0)?\)", rule["expr"]) for rule in RULES if "alert" in rule}
    gone = {alert: found for alert, found in asked.items() if found}
    assert gone == {
        "HeyueBotSilent": [("heyue_bot_up", "")],
        "HeyueWorkerGone": [("heyue_job_last_begun_seconds", " > 0")],
    }
    assert "heyue_bot_up" not in idle
    assert idle["heyue_job_last_begun_seconds"] == {0.0}
    assert "heyue_store_up" in idle


def test_each_alert_is_explained_and_says_in_chinese_what_is_wrong() -> None:
    alerts = [rule for rule in RULES if "alert" in rule]
    assert len(alerts) >= 10
    for rule in alerts:
        assert rule["alert"] in README
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert re.search("[一-鿿]", rule["annotations"]["summary"])


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        cells = set(_cells(panel["gridPos"]))
        assert not cells & taken, panel["title"]
        taken |= cells


def _cells(place: dict[str, int]) -> Iterator[tuple[int, int]]:
    for x in range(place["x"], place["x"] + place["w"]):
        for y in range(place["y"], place["y"] + place["h"]):
            yield x, y


@pytest.mark.parametrize(("confidence", "band"), [(0.0, "0.0"), (0.09, "0.0"), (0.3, "0.3"), (0.7, "0.7"), (0.99, "0.9"), (1.0, "0.9")])
def test_a_probability_lies_in_its_tenth(confidence: float, band: str) -> None:
    assert metrics.band_of(confidence) == band


def test_no_label_can_name_a_person_a_case_or_a_talk() -> None:
    """Who adds a label thinks about where its values come from, and adds it here."""
    bounded = {"direction", "channel", "speaker", "stage", "allowed", "rule", "passed", "outcome", "provider", "state", "model",
               "band", "error", "why", "job", "kind", "le"}  # fmt: skip
    assert set().union(*labels().values()) <= bounded
