"""The cues of turns that are read in the light of those around them (talk_cues.yml)."""

from __future__ import annotations

import re

from heyue.understanding.cues import cues_of


def talk_cue(name: str) -> re.Pattern[str]:
    """The expression called `name` in talk_cues.yml.

    Raises:
        KeyError: the file has no such cue.
    """
    return cues_of("heyue.coaching", "talk_cues.yml")[name]
