"""Which flow the dialogue rules choose for an intent, read from the rules themselves."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

RULES = Path(__file__).parents[1] / "nlu_data/rules"


@cache
def flows() -> dict[str, str]:
    """intent -> flow, over all rule files."""
    chosen = {}
    for file in sorted(RULES.glob("*.yml")):
        for rule in yaml.safe_load(file.read_text(encoding="utf-8"))["rules"]:
            steps = rule["steps"]
            chosen[steps[0]["intent"]] = steps[1]["action"].removeprefix("action_")
    return chosen


def flow_of(intent: str) -> str:
    return flows()[intent]
