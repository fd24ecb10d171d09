"""Every outcome has a wording, every wording an outcome, and none that anyone may hear tells of a debt."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from heyue.conduct.disclosure import reveals_debt
from heyue.conversation.dialogue import Dialogue
from heyue.conversation.facts import facts_of
from heyue.conversation.outcomes import TO_ANYONE, TO_THE_BORROWER, DisclosureBlocked, check_sayable
from heyue.policy import default_policy
from heyue.records import Case, PromiseTerms

DOMAIN = Path(__file__).parents[3] / "bot/domain"
FROM_THE_CHANNEL = {"technical_fault", "stranger"}  # said by the channel itself, to anyone
TODAY = date(2026, 11, 24)
CASE = Case(
    "C-1",
    "赵明远",
    "江岸小额贷款",
    320000,
    date(2026, 11, 15),
    id_last4="5126",
    product="现金贷",
    gender="男",
)


def wordings() -> dict[str, list[str]]:
    """outcome -> its variations, over all domain files."""
    found: dict[str, list[str]] = {}
    for file in DOMAIN.glob("*.yml"):
        responses = yaml.safe_load(file.read_text(encoding="utf-8")).get("responses") or {}
        for name, variations in responses.items():
            assert name not in found, f"{name} stands in two domain files"
            found[name.removeprefix("utter_")] = [variation["text"] for variation in variations]
    return found


def test_every_outcome_has_a_wording_and_the_other_way_round() -> None:
    assert set(wordings()) == TO_ANYONE | TO_THE_BORROWER | FROM_THE_CHANNEL


@pytest.mark.parametrize("outcome", sorted(TO_ANYONE | FROM_THE_CHANNEL))
def test_what_anyone_may_hear_tells_of_no_debt(outcome: str) -> None:
    facts = facts_of(CASE, default_policy(), Dialogue(), TODAY)
    for text in wordings()[outcome]:
        assert reveals_debt(text.format(**facts), CASE) is None, text


@pytest.mark.parametrize("outcome", sorted(TO_THE_BORROWER))
def test_every_wording_for_the_borrower_has_its_facts(outcome: str) -> None:
    terms = [PromiseTerms(TODAY, TODAY, "full"), PromiseTerms(None, None, None, "vague")]
    dialogue = Dialogue(verified=True, terms=terms, reason="illness")
    facts = facts_of(CASE, default_policy(), dialogue, TODAY)
    for text in wordings()[outcome]:
        assert "{" not in text.format(**facts)


@pytest.mark.parametrize("outcome", sorted(TO_THE_BORROWER))
def test_nothing_for_the_borrower_is_said_to_another(outcome: str) -> None:
    with pytest.raises(DisclosureBlocked):
        check_sayable(outcome, verified=False)


def test_wordings_are_short_enough_for_two_text_messages() -> None:
    facts = facts_of(CASE, default_policy(), Dialogue(verified=True, reason="illness"), TODAY)
    for outcome, texts in wordings().items():
        for text in texts:
            assert len(re.sub(r"\{label\}|\{promise\}", "", text).format(**facts)) <= 134, outcome


@pytest.mark.parametrize(
    "text", ["您在本机构的欠款", "已经逾期", "还款3200元", "共2,000.50 元", "后四位5126对吗", "您的现金贷"]
)
def test_guard_sees_what_tells_of_a_debt(text: str) -> None:
    assert reveals_debt(text, CASE)


def test_guard_lets_the_creditor_be_named() -> None:
    assert reveals_debt("您好，这里是江岸小额贷款的智能助手", CASE) is None
