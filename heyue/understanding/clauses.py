"""A message cut into clauses, each with the days and sums it names and what its cues say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from heyue.understanding.amounts import AmountMention
from heyue.understanding.cues import cue
from heyue.understanding.dates import DateMention
from heyue.understanding.script import SENTENCE_END, respelling, respelt, simplify

CLAUSE = re.compile(r"[^,。!?;、…~\n]+(?:[,。!?;、…~\n]|$)")
EDGES = " ?,。!;、…~\n"
SPACES = re.compile(r"(?<=[一-鿿])[ \t　]+(?=[一-鿿0-9])|(?<=[0-9])[ \t　]+(?=[一-鿿])")
REGIONAL = respelling("恁侬俺咧嘞", "你你我了了")
JUST_BEFORE = 100  # characters


@dataclass(frozen=True)
class Clause:
    """A piece of the message between punctuation marks, with what it names."""

    text: str
    begin: int
    sentence: int
    dates: tuple[DateMention, ...]
    sums: tuple[AmountMention, ...]
    _known: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    def has(self, name: str) -> bool:
        """Whether the clause holds the cue of that name."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = cue(name).search(self.text) is not None
        return known

    @cached_property
    def pays(self) -> bool:
        """Speaks of paying, and not of not paying."""
        return self.has("pay") and not self.has("negated") and not self.has("third_party")

    @cached_property
    def is_bare(self) -> bool:
        """Nothing but days, sums and fillers: "周五吧", "两千"; no words of others ("说下月初给")."""
        if self.has("third_party"):
            return False
        rest = list(self.text)
        for begin, stop in [each.span for each in self.dates] + [each.span for each in self.sums]:
            for index in range(begin - self.begin, min(stop - self.begin, len(rest))):
                rest[index] = ""
        return cue("filler").match("".join(rest).strip(EDGES)) is not None

    @property
    def asks(self) -> bool:
        return self.has("question")

    def before(self, mention: DateMention | AmountMention) -> str:
        """The clause's text before a mention in it; of a longer one the last words, or thousands of mentions take for ever."""
        place = mention.span[0] - self.begin
        return self.text[max(0, place - JUST_BEFORE) : place]

    def after(self, mention: DateMention | AmountMention) -> str:
        """The clause's text after a mention in it."""
        return self.text[mention.span[1] - self.begin :]


def readable(text: str) -> str:
    """The text as cues read it: one script, common words; a space between Chinese words is a comma. Same length."""
    plain = respelt(simplify(text), REGIONAL)
    return SPACES.sub(lambda match: "," * len(match[0]), plain)


def clauses_of(plain: str, dates: list[DateMention], sums: list[AmountMention]) -> list[Clause]:
    """Cut the message at punctuation, but not inside a day or a sum."""
    named = [each.span for each in dates] + [each.span for each in sums]
    clauses, sentence, begin = [], 0, 0
    for match in CLAUSE.finditer(plain):
        if any(first < match.end() < last for first, last in named):
            continue
        stop = match.end()
        clauses.append(
            Clause(
                plain[begin:stop].rstrip(",、"), begin, sentence,
                tuple(each for each in dates if begin <= each.span[0] < stop),
                tuple(each for each in sums if begin <= each.span[0] < stop),
            )
        )  # fmt: skip
        sentence += plain[stop - 1] in SENTENCE_END
        begin = stop
    return clauses
