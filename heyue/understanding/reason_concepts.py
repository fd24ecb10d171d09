"""What a story of late payment speaks of, and what stands near what: "family>sickness", "client>not_paid"."""

from __future__ import annotations

from functools import cache

from heyue.understanding.dialect import standard_text
from heyue.understanding.lexicon import WordList, load_data

# Characters between two words that still belong together; speech recognition leaves no punctuation to go by.
NEAR = 8
NO_CONCEPT = "neutral"


@cache
def _words() -> WordList[str]:
    listed = {
        word: name for name, words in load_data("reason_concepts.yml").items() for word in words.split()
    }
    return WordList({**{standard_text(word): name for word, name in listed.items()}, **listed})


def concept_flags(plain: str) -> frozenset[str]:
    """Names of the concepts in `plain` (standard text), and "first>second" of any two that stand near each other."""
    found = [place for place in _words().places_in(plain) if place[2] != NO_CONCEPT]
    flags = {name for _, _, name in found}
    for number, (_, end, name) in enumerate(found, 1):
        for start, _, other in found[number:]:
            if start - end > NEAR:
                break
            if other != name:
                flags.add(f"{name}>{other}")
    return frozenset(flags)
