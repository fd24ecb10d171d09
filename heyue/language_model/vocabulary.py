"""Is a reply about the same, and about nothing else? Else it is nonsense, or invented."""

from __future__ import annotations

from heyue.language_model.concealed import tagged
from heyue.language_model.line_rules import bare
from heyue.understanding.linear_text import mask
from heyue.understanding.script import simplify
from heyue.understanding.word_vectors import meaning_of

THINGS = "n"  # jieba's tags of nouns begin so: each a thing of its own
OTHERS = ("v", "a", "z", "b", "d", "l", "i")
MOST_NEW = 2  # other words that may be new

# cosine of two meanings from which they are the same in other words: handwritten rewordings lie from 0.68, other lines below 0.58
SAME = 0.6


def drifts(reply: str, line: str) -> bool:
    """Whether a reply means something else than the line that it rewords."""
    return float(meaning_of(mask(bare(reply))) @ meaning_of(mask(bare(line)))) < SAME


def is_strange(reply: str, known: str) -> bool:
    """Whether a reply names a thing that does not stand in `known` words, or has more other words than may be new."""
    new = [tag for word, tag in tagged(simplify(bare(reply))) if len(word) > 1 and word not in known]
    return any(tag[:1] == THINGS for tag in new) or sum(tag[:1] in OTHERS for tag in new) > MOST_NEW
