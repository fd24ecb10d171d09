"""What the learnt decision on promises looks at: the words and the parts of speech of paying around each day and sum."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from operator import add
from string import ascii_letters

from heyue.understanding.amounts import AmountMention
from heyue.understanding.clauses import EDGES, Clause
from heyue.understanding.cues import cue
from heyue.understanding.dates import DateMention
from heyue.understanding.dialect import standard_text
from heyue.understanding.lexicon import load_data
from heyue.understanding.promise_rules import Span, Verdict
from heyue.understanding.script import simplify
from heyue.understanding.sieve import look_ahead

NEAR = 5  # characters beside a mention that count
SHORT_CLAUSE = 8  # characters of a clause that counts as a whole
RUN = 4  # longest run of an outline
SIDE_RUN = 3  # longest run anywhere on one side of a mention
WORDS_FROM_HERE = 3  # clauses from a mention's own on whose words count wherever they stand: whose bill is paid ("…，把我仔的学费存进去")
WORD_RUN = 3
MESSAGE_RUN = 3  # longest run of a message's characters
DIGITS = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
NUMERALS = re.compile("[0-9零〇一二三四五六七八九十廿卅两]+")
COMES_BACK = re.compile("(.)(?:了|完|到|好|过来|下来|回来|上)")  # "15号发，发了就还": the event's verb again


@cache
def part_pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    """The parts that words play (data/promise_parts.yml), as one expression with a group each, and a letter for each."""
    parts = load_data("promise_parts.yml")
    for name in ("pay", "pay_loose"):
        parts = {part: words.replace(f"{{{name}}}", cue(name).pattern) for part, words in parts.items()}
    groups = "|".join(f"{look_ahead(words)}(?P<{name}>{words})" for name, words in parts.items())
    return re.compile(f"{look_ahead(groups)}(?:{groups})"), dict(zip(parts, ascii_letters, strict=False))


@cache
def part_letters() -> tuple[str, ...]:
    """The letter of each part that words play."""
    return tuple(part_pattern()[1].values())


@cache
def festival_pattern() -> re.Pattern[str]:
    """Names of festivals and solar terms, the longest first."""
    words = load_data("days.yml")
    names = [*words["festivals"], *words["solar_terms"].split(), "除夕"]
    return re.compile("|".join(sorted(names, key=len, reverse=True)))


class Sketch:
    """A message as the model sees it: days written D, sums M, dialect words standard, other numbers 0.

    `texts`: its clauses so; `outlines`: the parts that their words play, one letter each.
    """

    def __init__(self, plain: str, clauses: list[Clause], rules: Verdict, today: date) -> None:
        self.plain, self.clauses, self.rules, self.today = plain, clauses, rules, today
        self.future = [day for clause in clauses for day in clause.dates if day.kind == "future"]
        self.sums = [each for clause in clauses for each in clause.sums]
        self.places: dict[Span, tuple[int, int]] = {}
        self.texts = [self._masked(index) for index in range(len(clauses))]
        pattern, letters = part_pattern()
        self.parts = [
            [(found.start(), letters[found.lastgroup or ""]) for found in pattern.finditer(text)]
            for text in self.texts
        ]
        self.outlines = ["".join(letter for _, letter in parts) for parts in self.parts]

    @property
    def placed_days(self) -> list[DateMention]:
        """The days to come, without those inside a sum."""
        return [day for day in self.future if day.span in self.places]

    @property
    def placed_sums(self) -> list[AmountMention]:
        """The sums, without those inside a day."""
        return [each for each in self.sums if each.span in self.places]

    def _masked(self, index: int) -> str:
        """A clause's text; notes in `places` where each mention stands in it."""
        clause = self.clauses[index]
        days = [(each.span, "D") for each in clause.dates]
        text, position = "", clause.begin
        for (begin, stop), letter in sorted(days + [(each.span, "M") for each in clause.sums]):
            if begin >= position:
                text += standard(clause.text[position - clause.begin : begin - clause.begin])
                self.places[begin, stop] = (index, len(text))
                text += letter
                position = stop
        return text + standard(clause.text[position - clause.begin :])


def standard(text: str) -> str:
    """Standard words for dialect ones, numbers left out."""
    return DIGITS.sub("0", standard_text(text)) if text else text


def runs(prefix: str, text: str, longest: int) -> list[str]:
    """Every run of 1 to `longest` characters."""
    found = last = [prefix + character for character in text]
    for size in range(1, longest):
        last = list(map(add, last, text[size:]))
        found = found + last
    return found


def day_features(sketch: Sketch, mention: DateMention) -> list[str]:
    """What is known of a day."""
    rules, place, count = sketch.rules, sketch.future.index(mention), len(sketch.future)
    index, _ = sketch.places[mention.span]
    said = festival_pattern().sub("F", simplify(mention.text))
    shape = "open" if mention.end is None else "one" if mention.start == mention.end else "range"
    rule = rules.days.get(mention.span)
    months_ahead = max((mention.start - sketch.today).days, -1) // 30 if mention.start else 0
    others = [span for span in rules.days if span != mention.span]
    facts = {
        "T": NUMERALS.sub("0", said), "festival": "F" in said, "grain": mention.grain, "shape": shape,
        "months": min(months_ahead, 13), "rule": rule, "rule,grain": (rule, mention.grain),
        "rule,others": (rule, bool(others), any(span > mention.span for span in others)),
        "alone": (count == 1, rule), "rule,size": (rule, size_of(sketch)), "undated": rules.undated, "sums": (len(sketch.clauses[index].sums), min(len(sketch.sums), 3)),
        **standing(place, count, index, sketch),
    }  # fmt: skip
    return [*around(sketch, mention.span), *(f"={name}:{value}" for name, value in facts.items())]


def sum_features(sketch: Sketch, mention: AmountMention) -> list[str]:
    """What is known of a sum."""
    rules, place, count = sketch.rules, sketch.sums.index(mention), len(sketch.sums)
    index, _ = sketch.places[mention.span]
    clause, kind = sketch.clauses[index], kind_of(mention)
    rule = mention.span in rules.sums
    dated = [any(day.span in rules.days for day in each.dates) for each in sketch.clauses]
    others = sorted({kind_of(each) for each in sketch.sums if each is not mention})
    facts = {
        "T": simplify(mention.text) if kind != "number" else "0", "kind": (kind, mention.rest), "rule": rule,
        "alone": (count == 1, rule), "rule,size": (rule, size_of(sketch)), "rules": (rule, len(rules.sums)), "dated": (dated[index], sum(dated)),
        "days": (len(clause.dates), min(len(sketch.future), 3)), "beside": (kind, others), "size": len(mention.amount),
        **standing(place, count, index, sketch),
    }  # fmt: skip
    return [*around(sketch, mention.span), *(f"={name}:{value}" for name, value in facts.items())]


def kind_of(mention: AmountMention) -> str:
    return mention.amount if mention.amount.isalpha() else "number"


def standing(place: int, count: int, index: int, sketch: Sketch) -> dict[str, object]:
    """Which of the message's mentions and clauses this is."""
    clauses = len(sketch.clauses)
    return {
        "of": min(count, 4), "place": min(place, 3), "last": place == count - 1, "first": place == 0,
        "clauses": min(clauses, 5), "at": min(index, 3), "to_end": min(clauses - index, 3),
    }  # fmt: skip


def size_of(sketch: Sketch) -> int:
    """0 to 4: the shorter a message, the surer its rules."""
    return min(len(sketch.plain) // 8, 4)


def around(sketch: Sketch, span: Span) -> list[str]:
    """The words beside a mention, the outline of the clauses around it and which of these pay, and the words from its clause on."""
    index, at = sketch.places[span]
    text = sketch.texts[index]
    before, after = "^" + text[:at], text[at + 1 :] + "$"
    found = ["<" + before[-size:] for size in range(1, NEAR + 1)]
    found += [">" + after[:size] for size in range(1, NEAR + 1)]
    found += [f"<>{before[-1:]}{after[:1]}", f"<>{before[-2:]}{after[:2]}"]
    if len(text) <= SHORT_CLAUSE:
        found.append(f"=text:{text.strip(EDGES)}")
    found.append(f"=outline:{sketch.outlines[index][:SHORT_CLAUSE]}")
    found += outline_around(sketch, index, at)
    for step, name in ((-2, "pp"), (-1, "p"), (0, ""), (1, "n"), (2, "nn")):
        found += [f"={name}#{each}" for each in clause_facts(sketch, index + step)]
    found += comes_back(sketch, index, after)
    return found + runs("w", "/".join(sketch.texts[index : index + WORDS_FROM_HERE]), WORD_RUN)


def outline_around(sketch: Sketch, index: int, at: int) -> list[str]:
    """Runs of parts up to the mention and on from it, over the clause before and the two after."""
    left = "".join([letter for start, letter in sketch.parts[index] if start < at])
    right = "".join([letter for start, letter in sketch.parts[index] if start > at])
    left = f"{sketch.outlines[index - 1]}/{left}" if index else "^" + left
    right = "/".join([right, *sketch.outlines[index + 1 : index + 3]]) + "$"
    found = ["+<" + left[-size:] for size in range(1, RUN + 1)]
    found += ["+>" + right[:size] for size in range(1, RUN + 1)]
    found += [f"+{left[-before:]}X{right[:after]}" for before in (1, 2) for after in (1, 2)]
    return found + runs("+l", left, SIDE_RUN) + runs("+r", right, SIDE_RUN)


def clause_facts(sketch: Sketch, index: int) -> list[str]:
    """Whether a clause pays and whether it is bare; "-" past the message's ends."""
    if not 0 <= index < len(sketch.clauses):
        return ["-"]
    clause = sketch.clauses[index]
    return ["pays"] * clause.pays + ["bare"] * clause.is_bare


def comes_back(sketch: Sketch, index: int, after: str) -> Iterator[str]:
    """How many clauses on the verb that followed the mention comes back as done: "15号发，发了就还"."""
    for step, text in enumerate([after, *sketch.texts[index + 1 : index + 3]]):
        for match in COMES_BACK.finditer(text):
            if match[1] in (after[: match.start()] if step == 0 else after):
                yield f"=comes_back:{step}"


def message_features(sketch: Sketch) -> list[str]:
    """What is known of a message in which no day is promised."""
    facts = {
        "rule": sketch.rules.undated, "rule,size": (sketch.rules.undated, size_of(sketch)), "dated": len(sketch.rules.days), "sums": min(len(sketch.sums), 2),
        "days": min(len(sketch.future), 2), "clauses": min(len(sketch.clauses), 5),
    }  # fmt: skip
    found = [f"={name}:{value}" for name, value in facts.items()]
    for index, text in enumerate(sketch.texts):
        found += runs("m", f"^{text}$", MESSAGE_RUN)
        found += (f"=#{each}" for each in clause_facts(sketch, index))
    found += runs("+", "^" + "/".join(sketch.outlines) + "$", RUN)
    return found
