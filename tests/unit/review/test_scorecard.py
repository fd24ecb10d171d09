"""The scorecard: the shipped file, what answers are worth, and files that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from heyue.errors import BadInput
from heyue.review.scorecard import (
    RULES,
    VERDICTS,
    Answer,
    Quote,
    Scorecard,
    check_evidence,
    default_scorecard,
    load_scorecard,
    score,
)

CARD = default_scorecard()
SHIPPED = yaml.safe_load((files("heyue.review") / "scorecard.yml").read_text(encoding="utf-8"))
VETOES = {each.id for each in CARD.items if each.veto}


def answers(**changed: str) -> list[Answer]:
    """Every item answered yes but those named."""
    return [Answer(each.id, changed.get(each.id, "yes")) for each in CARD.items]


def test_the_shipped_card_answers_each_rule_at_one_item() -> None:
    assert sorted(rule for each in CARD.items for rule in each.rules) == sorted(RULES)


def test_the_shipped_card_has_an_item_in_every_section() -> None:
    assert {each.section for each in CARD.items} == set(CARD.sections)


def test_grave_rules_are_vetoes() -> None:
    grave = {"violence_threat", "abuse", "false_authority", "third_party_disclosure", "private_payment", "harassment",
             "false_concession", "false_consequence"}  # fmt: skip
    assert grave <= {rule for each in CARD.items if each.veto for rule in each.rules}


@pytest.mark.parametrize(
    ("changed", "points", "vetoed_by", "passed"),
    [
        ({}, 100.0, (), True),
        ({"asked_reason": "no"}, 92.0, (), True),
        ({"asked_reason": "not_applicable"}, 100.0, (), True),
        ({"empathy": "not_applicable", "asked_reason": "no"}, 91.3, (), True),
        (dict.fromkeys(["empathy", "asked_reason", "offered_option", "asked_day"], "no"), 69.0, (), False),
        ({"no_threat": "no"}, 0.0, ("no_threat",), False),
        ({"truthful": "no", "no_abuse": "no"}, 0.0, ("no_abuse", "truthful"), False),
        ({each.id: "not_applicable" for each in CARD.items}, None, (), False),
    ],
)
def test_points(
    changed: dict[str, str], points: float | None, vetoed_by: tuple[str, ...], passed: bool
) -> None:
    result = score(CARD, answers(**changed))
    assert (result.points, result.vetoed_by, result.passed, result.unanswered) == (
        points,
        vetoed_by,
        passed,
        (),
    )


def test_a_card_that_is_not_complete_does_not_pass() -> None:
    result = score(CARD, answers()[1:])
    assert (result.points, result.unanswered, result.passed) == (100.0, (CARD.items[0].id,), False)


def test_a_veto_leaves_the_points_of_the_sections() -> None:
    result = score(CARD, answers(no_threat="no", empathy="no"))
    assert result.sections["reason"] == 100.0
    assert result.sections["listening"] == round(100 * 5 / 13, 1)


def test_a_section_without_an_answer_has_no_points() -> None:
    assert score(CARD, []).sections["reason"] is None


@given(st.lists(st.sampled_from([*VERDICTS, None]), min_size=len(CARD.items), max_size=len(CARD.items)))
def test_points_stay_between_0_and_100_and_a_veto_makes_them_0(verdicts: list[str | None]) -> None:
    given_answers = [Answer(item.id, said) for item, said in zip(CARD.items, verdicts, strict=True) if said]
    result = score(CARD, given_answers)
    assert result.points is None or 0 <= result.points <= 100
    broken = {each.item for each in given_answers if each.verdict == "no"} & VETOES
    assert set(result.vetoed_by) == broken
    assert not broken or (result.points == 0 and not result.passed)
    assert not result.passed or not result.unanswered


@pytest.mark.parametrize(
    ("given_answers", "said"),
    [
        ([Answer("manners", "yes")], "manners"),
        ([Answer("empathy", "yes"), Answer("empathy", "no")], "twice"),
        ([Answer("empathy", "是")], "empathy: verdict"),
    ],
)
def test_answers_that_cannot_be_scored(given_answers: list[Answer], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        score(CARD, given_answers)


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        (Quote(1, "月底发"), True),
        (Quote(1, "月底發"), False),
        (Quote(0, "月底发"), False),
        (Quote(2, "您好"), False),
        (Quote(-1, "您好"), False),
        (Quote(0, " "), False),
    ],
)
def test_a_quote_stands_in_its_turn(quote: Quote, stands: bool) -> None:
    turns, said = ["您好 在吗", "工资月底发"], [Answer("asked_reason", "yes", (quote,))]
    if stands:
        check_evidence(said, turns)
    else:
        with pytest.raises(BadInput, match="asked_reason"):
            check_evidence(said, turns)


def _without(field: str) -> Callable[[dict[str, Any]], Any]:
    return lambda raw: raw.pop(field)


def _item(**fields: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda raw: raw["items"]["courtesy"].update(fields)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_without("version"), "version must be a text"),
        (_without("items"), "items must be a table"),
        (lambda raw: raw.update(pass_points=101), "pass_points must be a whole number"),
        (lambda raw: raw.update(passing=1), "passing is not known"),
        (_item(weight=6), "items weigh 101"),
        (_item(weight=0), "courtesy: weight must be"),
        (_item(weight=True), "courtesy: weight must be"),
        (_item(veto="ja"), "courtesy: veto must be true or false"),
        (_item(section="manners"), "courtesy: section names 'manners'"),
        (_item(rules=["rude"]), "courtesy: rules names 'rude'"),
        (_item(rules=["abuse"]), "answer the rule abuse twice"),
        (_item(applies_when="sometimes"), "courtesy: applies_when names 'sometimes'"),
        (_item(question=""), "courtesy: question must be a text"),
        (_item(hint="x"), "courtesy: hint is not known"),
    ],
)
def test_a_wrong_card_is_refused_by_file_and_field(
    spoil: Callable[[dict[str, Any]], Any], said: str, tmp_path: Path
) -> None:
    raw = yaml.safe_load(yaml.safe_dump(SHIPPED))
    spoil(raw)
    path = tmp_path / "card.yml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        load_scorecard(path)
    assert str(path) in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a: [", b"- 1"], ids=repr)
def test_a_file_that_is_no_card_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "card.yml"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"card\.yml"):
        load_scorecard(path)


def test_a_card_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "card.yml"
    path.write_text(
        yaml.safe_dump(SHIPPED | {"version": "mine"}, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    own = load_scorecard(path)
    assert isinstance(own, Scorecard)
    assert (own.version, own.items) == ("mine", CARD.items)
