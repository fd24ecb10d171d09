"""Each mend of bot/rasa_speedups.py is still needed and still works on the Rasa that is installed."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import dask
import jsonschema
import pytest
import rasa.shared.utils.common
from rasa.core import processor
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import Event, SlotSet
from rasa.utils.endpoints import EndpointConfig

from bot import rasa_speedups
from bot.local_actions import LocalActions
from heyue.errors import BadInput
from tests.bot_process import ROOT

ANSWER = {
    "events": [{"event": "slot", "name": "stage", "value": "early"}],
    "responses": [{"response": "utter_goodbye"}],
}


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mends, for the length of one test."""
    monkeypatch.setattr(processor, "DaskGraphRunner", processor.DaskGraphRunner)
    monkeypatch.setattr(RemoteAction, "_validate_action_result", RemoteAction._validate_action_result)
    monkeypatch.setattr(Event, "resolve_by_type", staticmethod(Event.resolve_by_type))
    rasa_speedups.apply()


def count_calls(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[str]:
    """A list that grows with each call of `owner.name`."""
    calls: list[str] = []
    real = getattr(owner, name)

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, counted)
    return calls


class TestGraphs:
    """A graph of two sources, a sum of both, and one node that no target needs."""

    class Source(GraphComponent):
        runs = 0

        @classmethod
        def create(cls, config: Any, model_storage: Any, resource: Any, execution_context: Any) -> Any:
            return cls()

        def run(self, start: int) -> int:
            type(self).runs += 1
            return start + 1

    class Sum(Source):
        def add(self, left: int, right: int) -> int:
            return left + right

        def fail(self, left: int) -> int:
            raise AssertionError("no target needs this node")

    def runner(self, kind: type[DaskGraphRunner]) -> DaskGraphRunner:
        def node(needs: dict[str, str], uses: type[GraphComponent], function: str) -> SchemaNode:
            return SchemaNode(needs, uses, "create", function, {}, eager=True)

        schema = GraphSchema(
            {
                "first": node({"start": "given"}, self.Source, "run"),
                "second": node({"start": "first"}, self.Source, "run"),
                "sum": node({"left": "first", "right": "second"}, self.Sum, "add"),
                "unused": node({"left": "sum"}, self.Sum, "fail"),
            }
        )
        return kind(schema, None, ExecutionContext(schema))  # type: ignore[arg-type]

    def test_same_result_as_dask(self, mended: None) -> None:
        run = {"inputs": {"given": 1}, "targets": ["sum", "first"]}
        expected = self.runner(DaskGraphRunner).run(**run)
        self.Source.runs = 0
        assert self.runner(processor.DaskGraphRunner).run(**run) == expected == {"sum": 5, "first": 2}
        assert self.Source.runs == 2, "each node runs once"

    def test_dask_is_spared(self, mended: None, monkeypatch: pytest.MonkeyPatch) -> None:
        calls = count_calls(monkeypatch, dask, "get")
        self.runner(DaskGraphRunner).run({"given": 1}, ["sum"])
        assert calls, "Rasa no longer uses dask: the mend can go"
        calls.clear()
        self.runner(processor.DaskGraphRunner).run({"given": 1}, ["sum"])
        assert not calls


class TestResponseValidator:
    def test_rasa_checks_its_schema_each_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        validations = count_calls(monkeypatch, jsonschema, "validate")
        RemoteAction("action_promise", EndpointConfig("http://127.0.0.1"))._validate_action_result(ANSWER)
        assert validations, "Rasa validates otherwise: look whether the mend can go"

    def test_validator_is_built_once(self, mended: None, monkeypatch: pytest.MonkeyPatch) -> None:
        validations = count_calls(monkeypatch, jsonschema, "validate")
        remote = RemoteAction("action_promise", EndpointConfig("http://127.0.0.1"))
        assert remote._validate_action_result(ANSWER)
        assert not validations

    def test_a_bad_answer_of_a_server_is_still_refused(self, mended: None) -> None:
        remote = RemoteAction("action_promise", EndpointConfig("http://127.0.0.1"))
        with pytest.raises(jsonschema.ValidationError):
            remote._validate_action_result({"events": "none"})

    def test_answers_of_this_process_are_not_checked(self, mended: None) -> None:
        assert RemoteAction("action_promise", LocalActions())._validate_action_result({"events": "none"})


class TestEventClasses:
    @staticmethod
    def walks_of_later_lookups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
        assert Event.resolve_by_type("slot") is SlotSet
        walks = count_calls(monkeypatch, rasa.shared.utils.common, "all_subclasses")
        assert Event.resolve_by_type("slot") is SlotSet
        return walks

    def test_rasa_walks_every_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.walks_of_later_lookups(monkeypatch), "Rasa remembers by itself: the mend can go"

    def test_each_class_is_looked_up_once(self, mended: None, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not self.walks_of_later_lookups(monkeypatch)

    def test_unknown_event_is_refused(self, mended: None) -> None:
        with pytest.raises(ValueError, match="Unknown event"):
            Event.resolve_by_type("no such event")


class TestTensorFlow:
    @staticmethod
    def loaded(code: str) -> dict[str, Any]:
        """What a fresh interpreter has loaded after `code`."""
        report = "import json, psutil, sys; print(json.dumps({'tensorflow': 'tensorflow' in sys.modules, "
        report += "'megabytes': psutil.Process().memory_info().rss // 1_000_000}))"
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", f"{code}\n{report}"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def test_rasa_starts_without(self) -> None:
        light = self.loaded(
            "from bot import rasa_speedups; rasa_speedups.import_rasa_without_tensorflow()\n"
            "import rasa.core.agent, rasa.core.run, rasa.core.policies.ted_policy"
        )
        stock = self.loaded("import rasa.core.run")
        assert stock["tensorflow"], "Rasa no longer imports TensorFlow: the mend can go"
        assert not light["tensorflow"]
        assert light["megabytes"] < 0.6 * stock["megabytes"]

    def test_the_real_one_can_still_be_imported(self) -> None:
        real = self.loaded(
            "from bot import rasa_speedups; rasa_speedups.import_rasa_without_tensorflow()\n"
            "import tensorflow; assert tensorflow.constant(2).numpy() == 2"
        )
        assert real["tensorflow"]

    @pytest.mark.parametrize(
        ("component", "needed"),
        [
            ("rasa.nlu.classifiers.diet_classifier.DIETClassifier", True),
            ("rasa.core.policies.ted_policy.TEDPolicy", True),
            ("rasa.core.policies.rule_policy.RulePolicy", False),
        ],
    )
    def test_models_that_need_it(self, tmp_path: Path, component: str, needed: bool) -> None:
        model = tmp_path / "model.tar.gz"
        metadata = json.dumps({"predict_schema": {"nodes": {"one": {"uses": component}}}}).encode()
        with tarfile.open(model, "w:gz") as archive:
            entry = tarfile.TarInfo("metadata.json")
            entry.size = len(metadata)
            archive.addfile(entry, io.BytesIO(metadata))
        assert rasa_speedups.needs_tensorflow(model) is needed

    def test_our_model_does_not_need_it(self) -> None:
        assert not rasa_speedups.needs_tensorflow(ROOT / "bot/models/heyue.tar.gz")

    def test_no_model(self, tmp_path: Path) -> None:
        (tmp_path / "model.tar.gz").write_bytes(b"no archive")
        with pytest.raises(BadInput, match="cannot be read"):
            rasa_speedups.needs_tensorflow(tmp_path / "model.tar.gz")


def test_apply_twice_changes_nothing_more(mended: None) -> None:
    mends = (RemoteAction._validate_action_result, Event.resolve_by_type)
    rasa_speedups.apply()
    assert Event.resolve_by_type is mends[1]
    assert asyncio.iscoroutinefunction(RemoteAction.run)
