"""Mends of Rasa 3.6.21 at run time: each takes away work that Rasa repeats on every message or at every start.

docs/decisions tells why, tests/integration/test_runtime_speedups.py shows that each still has its effect on the
installed version. Rasa is imported inside the functions: `import_rasa_without_tensorflow` must come first.
"""

from __future__ import annotations

import importlib
import sys
import tarfile
import types
from functools import lru_cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from heyue.errors import BadInput

# the server, and the module that imports every component there is
RASA = ("rasa.core.run", "rasa.graph_components.validators.default_recipe_validator")
TENSORFLOW = ("tensorflow", "keras")
BUILT_ON_TENSORFLOW = (
    "diet_classifier", "ted_policy", "unexpected_intent_policy", "response_selector", "lm_featurizer",
    "convert_featurizer",
)  # fmt: skip


def apply() -> None:
    """Put the mends of the message path in place. Doing it twice changes nothing."""
    run_graphs_in_order()
    build_response_validator_once()
    look_up_event_classes_once()


def run_graphs_in_order() -> None:
    """Rasa has dask plan and run each small graph anew; a walk along its edges gives the same (0.9 ms a message)."""
    from rasa.core import processor
    from rasa.engine.runner.dask import DaskGraphRunner

    class OrderedGraphRunner(DaskGraphRunner):
        """Runs the nodes that the targets need, each once, those they need before them."""

        def run(
            self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
        ) -> dict[str, Any]:
            done = {name: (name, value) for name, value in (inputs or {}).items()}
            wanted = targets or self._graph_schema.target_names
            return dict(self._output(name, done) for name in wanted)

        def _output(self, name: str, done: dict[str, Any]) -> Any:
            if name not in done:
                needs = self._graph_schema.nodes[name].needs.values()
                done[name] = self._instantiated_nodes[name](*[self._output(need, done) for need in needs])
            return done[name]

    processor.DaskGraphRunner = OrderedGraphRunner


def build_response_validator_once() -> None:
    """Rasa checks its own schema before each answer of an action (4 ms with jsonschema 3.2, 30 ms with 4.x).

    What an action in this very process answers is not checked: Rasa's event classes refuse what they do not know.
    """
    import jsonschema
    from rasa.core.actions.action import RemoteAction

    from bot.local_actions import LocalActions

    schema = RemoteAction.action_response_format_spec()
    validator = jsonschema.validators.validator_for(schema)(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        if not isinstance(self.action_endpoint, LocalActions):
            validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate


def look_up_event_classes_once() -> None:
    """Rasa walks all subclasses of Event for every event that it reads."""
    from rasa.shared.core.events import Event

    if not hasattr(Event.resolve_by_type, "cache_info"):
        Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))


def needs_tensorflow(model: Path) -> bool:
    """Whether a component of a trained model is built on TensorFlow.

    Raises:
        BadInput: the file is no model of Rasa.
    """
    try:
        with tarfile.open(model) as archive:
            metadata = archive.extractfile("metadata.json")
            graph = metadata.read().decode("utf-8") if metadata else ""
    except (OSError, EOFError, KeyError, tarfile.TarError):
        raise BadInput(f"the model {model} cannot be read: run `make train`") from None
    return any(f".{module}." in graph for module in BUILT_ON_TENSORFLOW)


def import_rasa_without_tensorflow() -> None:
    """Import Rasa's server and components without TensorFlow, which they load even where no component uses it.

    That is 2 s of each start and 400 MB of each process. Empty stand-ins carry Rasa's class definitions; afterwards
    they are gone from sys.modules, so that nobody else meets them.
    """
    sys.meta_path.insert(0, _StandIns)  # type: ignore[arg-type]  # typeshed knows finders as instances only
    try:
        for name in RASA:
            importlib.import_module(name)
    finally:
        sys.meta_path.remove(_StandIns)  # type: ignore[arg-type]
        for name in [name for name in sys.modules if name.split(".")[0] in TENSORFLOW]:
            del sys.modules[name]


class _Nothing(type):
    """A class of which every attribute is another such class: enough to inherit from and to name in signatures."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing(name, (), {})


class _EmptyModule(types.ModuleType):
    """A module in which every name is a class of nothing."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_Nothing(self.__name__, (), {}), name)


class _StandIns:
    """Finds and makes the empty modules."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name.split(".")[0] in TENSORFLOW:
            return ModuleSpec(name, _StandIns, is_package=True)  # type: ignore[arg-type]
        return None

    @staticmethod
    def create_module(spec: ModuleSpec) -> types.ModuleType:
        return _EmptyModule(spec.name)

    @staticmethod
    def exec_module(module: types.ModuleType) -> None:
        """Nothing to run."""
