"""What facts decide about a line: the same words, other facts (compliance.md part B)."""

from __future__ import annotations

from typing import Any

import pytest

from heyue.conduct.fact_check import check_line_of, claims
from heyue.conduct.line_check import check_line
from heyue.conduct.line_facts import UNKNOWN, facts_of
from heyue.conduct.rules import LINE_RULES
from heyue.errors import BadInput

LEDGER = {"ledger_amounts": ["1286.50", "35.00", "12000.00"]}
CASES: list[tuple[str, dict[str, Any], str, bool]] = [
    # third persons, and whoever has not proved to be the debtor, hear of no debt
    ("您那笔分期还差八百元", {"verified_identity": False}, "third_party_disclosure", True),
    ("您那笔分期还差八百元", {"verified_identity": True}, "third_party_disclosure", False),
    ("您那笔分期还差八百元", {}, "third_party_disclosure", False),
    ("他这个月的账单出来了，您让他看一下", {"role": "other"}, "third_party_disclosure", True),
    ("麻烦请他方便时给我们回个电话", {"role": "other"}, "third_party_disclosure", False),
    ("您好，我是江岸小额贷款的小宋，请问是陈女士本人吗", {"verified_identity": False, "creditor": "江岸小额贷款"},
     "third_party_disclosure", False),
    ("您的云杉卡的事", {"verified_identity": False, "product": "云杉卡"}, "third_party_disclosure", True),
    # sums against the ledger
    ("截至今天应还1286.50元", LEDGER, "made_up_fee", False),
    ("截至今天应还1386.50元", LEDGER, "made_up_fee", True),
    ("一共欠一万二，其中罚息35元", LEDGER, "made_up_fee", False),
    ("一共欠一万三", LEDGER, "made_up_fee", True),
    ("一共欠一万多", LEDGER, "made_up_fee", False),
    ("逾期一千二百八十六块五", LEDGER, "made_up_fee", False),
    ("您看这周能不能先还五百元", LEDGER, "made_up_fee", False),
    ("不是欠一万三，您别误会", LEDGER, "made_up_fee", False),
    ("再加五百块催收费，一起打过来", {"ledger_amounts": ["500.00"]}, "made_up_fee", True),
    # suits, judgments, the credit record, lawyers
    ("我们上周已经起诉了", {"suit_filed": False}, "false_consequence", True),
    ("我们上周已经起诉了", {"suit_filed": True}, "false_consequence", False),
    ("我们上周已经起诉了，你就等着坐牢吧", {"suit_filed": True}, "false_consequence", True),
    ("法院已经立案，传票过几天寄到", {"suit_filed": False}, "false_consequence", True),
    ("目前没有起诉，还在协商", {"suit_filed": False}, "false_consequence", False),
    ("您说有人打电话讲已经起诉了，那不是我们", {"suit_filed": False}, "false_consequence", False),
    ("一直协商不成，我司可能依法通过诉讼主张权利", {"suit_filed": False}, "false_consequence", False),
    ("你已经被列入失信被执行人名单", {"judgment_effective": False}, "false_consequence", True),
    ("你已经被列入失信被执行人名单", {"judgment_effective": True}, "false_consequence", False),
    ("判决以后还不履行，法院可以强制执行", {"judgment_effective": False}, "false_consequence", False),
    ("传票要是真的，送来的是法院", {"suit_filed": False}, "false_consequence", False),
    ("请问是孟律师本人吗", {"staff_is_lawyer": False}, "false_authority", False),
    ("逾期信息会报送征信系统", {"lender_reports": False}, "false_consequence", True),
    ("还款之外没有征信维护费这一说，谁要带上征信费都别给", {"lender_reports": False}, "false_consequence", False),
    ("征信报告会显示这笔逾期", {"lender_reports": False}, "false_consequence", True),
    ("逾期信息会报送征信系统", {"lender_reports": True}, "false_consequence", False),
    ("我是王律师，受银行委托联系您", {"staff_is_lawyer": False}, "false_authority", True),
    ("我是王律师，受银行委托联系您", {"staff_is_lawyer": True}, "false_authority", False),
    ("我不是律师，只是客服", {"staff_is_lawyer": False}, "false_authority", False),
    # accounts
    ("请把钱转到6222020200112233445", {"whitelisted_channels": ["6222020200999999999"]}, "private_payment", True),
    ("请把钱转到6222 0202 0011 2233 445", {"whitelisted_channels": ["6222020200112233445"]}, "private_payment", False),
    ("请不要转到6222020200112233445", {"whitelisted_channels": []}, "private_payment", False),
    # whoever has a duty of his own may be asked
    ("夫妻本来就是一体，他的债你也得还", {"role": "guarantor"}, "third_party_pressure", False),
    ("夫妻本来就是一体，他的债你也得还", {"role": "other"}, "third_party_pressure", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "case", "rule", "broken"), CASES)
def test_facts_decide(text: str, case: dict[str, Any], rule: str, broken: bool) -> None:
    found = {each.rule: each for each in check_line_of(text, facts_of(case))}
    assert (rule in found) is broken, found
    for each in found.values():
        assert each.text == text[slice(*each.span)]


@pytest.mark.parametrize(
    "text", ["您好", "今天不还就是诈骗，等着坐牢吧", "再加五百块催收费", "", "截至今天应还1,286.50元"]
)
def test_without_facts_words_alone_decide(text: str) -> None:
    assert facts_of(None) == facts_of({"days_overdue": 12, "amount_due": "1.00", "role": None}) == UNKNOWN
    assert check_line_of(text, UNKNOWN) == check_line(text)


@pytest.mark.parametrize(
    ("at", "found"),
    [("2026-11-24T22:00:00+08:00", ["quiet_hours"]), ("2026-11-24T23:30:00+00:00", ["quiet_hours"]),
     ("2026-11-24T21:59:59+08:00", []), ("2026-11-24T08:00:00+08:00", [])],
)  # fmt: skip
def test_a_line_said_at_night(at: str, found: list[str]) -> None:
    assert [each.rule for each in check_line_of("您好，打扰了", facts_of(None, at))] == found


@pytest.mark.parametrize(
    ("case", "at", "message"),
    [
        ("x", None, '"case" must be an object'),
        ({"role": "wife"}, None, "role"),
        ({"suit_filed": "no"}, None, "suit_filed"),
        ({"creditor": 3}, None, "creditor"),
        ({"ledger_amounts": "1286.50"}, None, "ledger_amounts"),
        ({"ledger_amounts": ["a lot"]}, None, "a lot"),
        ({"whitelisted_channels": [6222]}, None, "whitelisted_channels"),
        (None, "last night", "at"),
        (None, "2026-11-24T22:00:00", "offset"),
    ],
)
def test_facts_of_another_kind_are_refused(case: Any, at: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        facts_of(case, at)


@pytest.mark.parametrize("piece", ["9", "1,", "一", "1 ", "会", "已经", "6222020200112233445"])
@pytest.mark.parametrize("end", ["", "元"])
def test_long_runs_are_judged(piece: str, end: str) -> None:
    """Once a run of 16,000 digits took five seconds, of 100,000 some minutes."""
    facts = facts_of({"role": "other", "suit_filed": False, "lender_reports": False, "ledger_amounts": []})
    found = {each.rule for each in check_line_of(piece * 5_000 + end, facts)}
    assert ("third_party_disclosure" in found) is (end == "元" and piece not in ("会", "已经"))


def test_every_claim_breaks_a_rule_of_lines() -> None:
    assert {claim.rule for claim in claims().values()} <= set(LINE_RULES)
    assert all(hasattr(UNKNOWN, fact) for fact in claims())
