"""Mends of Rasa 3.6.21 at run time: each takes away work that Rasa repeats on every message (docs/decisions/0005).

tests/integration/test_speedups.py shows that each still has its effect on the installed version.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event


def apply() -> None:
    """Put all mends in place. Doing it twice changes nothing."""
    build_response_validator_once()
    look_up_event_classes_once()


def build_response_validator_once() -> None:
    """Rasa checks its own schema of action answers on every call (4 ms with jsonschema 3.2, 30 ms with 4.x)."""
    schema = RemoteAction.action_response_format_spec()
    validator = jsonschema.validators.validator_for(schema)(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate


def look_up_event_classes_once() -> None:
    """Rasa walks all subclasses of Event for every event that it reads."""
    if not hasattr(Event.resolve_by_type, "cache_info"):
        Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
