"""The personas and the store of lines: whole, each line once, no fact that is not in a slot."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from itertools import chain
from pathlib import Path
from random import Random

import pytest

from heyue.conduct.disclosure import debt_pattern
from heyue.errors import BadInput
from heyue.practice.levels import levels
from heyue.practice.moves import moves
from heyue.practice.persona import COOPERATIVE, KINDS, personas, read_personas
from heyue.practice.reactions import reactions
from heyue.practice.spoken_terms import spoken_day, spoken_sum
from heyue.practice.utterances import MOODS, near_acts, read_store, slots_of, stalls, store
from heyue.understanding.amounts import find_amounts
from heyue.understanding.dates import find_dates
from tests.unit.practice.talks import AT, of_kind

SECRET_ACTS = ("answer_phone", "who_are_you", "verify_ok", "verify_refuse", "deflect", "silence", "off_topic")
ALWAYS_NEEDED = {
    "answer_phone": 4, "who_are_you": 4, "verify_ok": 4, "verify_refuse": 4, "soften": 6, "promise_dated": 10, "bargain": 6,
    "confirm_yes": 4, "confirm_change": 4, "thank": 4, "complain_warn": 4, "complain_end": 4, "hang_up": 4, "goodbye": 4,
}  # fmt: skip
LONGEST_GRUNT = 4
PHASES = ("unverified", "hot", "guarded", "open", "day")


def lines_of(kind: str) -> list[tuple[str, str]]:
    """Each line of a kind with its act."""
    lines = store(kind)
    groups = chain(lines.by_mood.items(), lines.by_reason.items())
    return [(act, line) for act, by in groups for listed in by.values() for line in listed]


@pytest.mark.parametrize("kind", KINDS)
def test_there_are_five_personas_whose_reasons_have_lines(kind: str) -> None:
    own = of_kind(kind)
    assert len(own) >= 5
    assert len({each.name for each in own}) == len(own)
    for each in own:
        for act in ("reason_hint", "reason_plain"):
            assert len(store(kind).by_reason[act].get(each.card.reason, ())) >= 5, (each.id, act)


def test_names_and_numbers_are_nobody_elses() -> None:
    assert len({each.name for each in personas().values()}) == len(personas())


@pytest.mark.parametrize("kind", KINDS)
def test_every_act_that_a_kind_does_has_lines(kind: str) -> None:
    have = Counter(act for act, _ in lines_of(kind))
    wanted = {act for phase in PHASES for act in stalls(kind, phase)} | set(ALWAYS_NEEDED)
    for act in wanted:
        count = have[act] + sum(have[near] for near in near_acts(act))
        assert count >= ALWAYS_NEEDED.get(act, 6), (kind, act, count)


def test_no_line_stands_twice() -> None:
    """Two people may both say 嗯; nobody says anything longer that another says, nor one thing twice."""
    of_all = Counter(line for kind in KINDS for line in {line for _, line in lines_of(kind)})
    assert not [line for line, times in of_all.items() if times > 1 and len(line) > LONGEST_GRUNT]
    for kind in KINDS:
        assert not [line for line, times in Counter(line for _, line in lines_of(kind)).items() if times > 1]


@pytest.mark.parametrize("kind", KINDS)
def test_no_line_names_a_fact_of_its_own(kind: str) -> None:
    for act, line in lines_of(kind):
        plain = re.sub(r"\{\w+\}", "，", line)
        assert not re.search(r"\d", plain), (act, line)
        assert not [each for each in find_amounts(plain) if each.amount[0].isdigit() and float(each.amount) >= 10], (act, line)


@pytest.mark.parametrize("kind", KINDS)
def test_before_he_is_verified_nobody_speaks_of_the_debt(kind: str) -> None:
    told = [(act, line) for act, line in lines_of(kind) if act in SECRET_ACTS and debt_pattern().search(line)]
    assert not told


@pytest.mark.parametrize("kind", KINDS)
def test_days_and_sums_are_read_as_they_are_meant(kind: str) -> None:
    wrong = []
    for number, (act, line) in enumerate(lines_of(kind)):
        choice = Random(number)
        day = AT.date() + timedelta(days=choice.randint(1, 100))
        amount_fen = choice.randint(1, 40) * 5_000
        names = slots_of(line) & {"day", "far_day"}, slots_of(line) & {"amount", "small_amount"}
        if not any(names):
            continue
        words = dict.fromkeys(names[0], spoken_day(day, AT.date(), choice)) | dict.fromkeys(
            names[1], spoken_sum(amount_fen, choice)
        )
        text = line.format_map(dict.fromkeys(slots_of(line), "") | words)
        days = [each.end for each in find_dates(text, AT) if each.kind == "future"]
        sums = [each.amount for each in find_amounts(text)]
        if (names[0] and day not in days) or (names[1] and f"{amount_fen / 100:.2f}" not in sums):
            wrong.append((act, text))
    assert not wrong


def test_every_move_and_kind_is_told() -> None:
    assert set(reactions().kinds) == set(KINDS)
    assert set(reactions().effects) <= set(moves())
    for kind in reactions().kinds.values():
        assert kind.yields_to | kind.cold_to | kind.hardened_by <= set(moves())
        assert not kind.yields_to & kind.cold_to


def test_levels_get_harder() -> None:
    ready = [each.ready_at for each in levels().values()]
    skills = [each.skills for each in levels().values()]
    assert ready == sorted(ready)
    assert skills == sorted(skills)
    assert len(set(ready)) == len(ready)


@pytest.mark.parametrize(
    ("field", "broken"),
    [
        ("gender", {"gender": "无"}),
        ("age", {"age": 7}),
        ("card", {"card": {}}),
        ("colour", {"colour": "red"}),
    ],
)
def test_a_wrong_field_is_named(field: str, broken: dict[str, object], tmp_path: Path) -> None:
    whole = (
        "- {id: x-01, name: 张三, gender: 男, age: 30, region: 某地, trade: 工人, register: 直, channel: phone,\n"
        '   case: {creditor: 某行, product: 贷, amount_due: "100.00", minimum_due: "10.00", days_overdue: 3, broken_promises: 0,'
        ' pay_day: 5, id_last4: "1234"},\n'
        '   card: {reason: forgot, story: 忘了。, income: "1.00", expenses: "1.00", other_debts: "0.00", moved_by: [listen],'
        ' enraged_by: [blame], can_pay: [{in_days: 1, amount: "1.00"}], keeps: always}}\n'
    )
    import yaml

    entry = yaml.safe_load(whole)[0]
    path = tmp_path / "x.yml"
    path.write_text(yaml.safe_dump([entry], allow_unicode=True), encoding="utf-8")
    assert next(read_personas(path, COOPERATIVE)).id == "x-01"
    path.write_text(yaml.safe_dump([entry | broken], allow_unicode=True), encoding="utf-8")
    with pytest.raises(BadInput, match=f"entry 1.*{field}"):
        list(read_personas(path, COOPERATIVE))


def test_an_unknown_slot_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text('vent: {cold: ["{colour}的"]}', encoding="utf-8")
    with pytest.raises(BadInput, match="colour"):
        read_store(path)
    assert set(MOODS) == {"cold", "neutral", "warm", "hot"}
