"""Figures of contacts: counts, shares with what chance leaves of them, splits. Tables in, tables out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from heyue.insight.figures import FEWEST, Share
from heyue.names import name_of, names_of


class Step(NamedTuple):
    """One step on the way from contact to payment. `column`: of the table of contacts; `base`: what its share is of."""

    column: str
    name: str
    base: str | None
    rate: str
    help: str


STEPS = (
    Step("contacted", "触达", None, "触达率", "有人应答的联系：对方至少说过一句话。占全部联系的比例。"),
    Step("verified", "本人", "contacted", "核实率",
         "应答的是借款人本人。机器人会话以核实身份的结果为准；别处导入的会话按内容判断。占触达的比例。"),
    Step("promised", "承诺", "verified", "承诺率", "在这次联系里作出还款承诺（时间、金额）。占本人的比例。"),
    Step("kept", "兑现", "judged", "兑现率",
         "承诺在最后一天（含宽限日）之前足额到账。占已过期限的承诺的比例：未到期、已被新承诺取代、"
         "以及别处会话里未登记入账的承诺不计；过了期才改约的算爽约。"),
)  # fmt: skip
SPLITS: Mapping[str, str] = {
    "week": "周", "channel": "渠道", "stage": "逾期阶段", "debtor_type": "借款人类型", "reason": "原因",
    "led_by": "机器人或人工", "handler": "催收员",
}  # fmt: skip
CONTACTS, DUE, NOT_KNOWN = "联系", "已过期限", "未知"
MAY_LACK = ("debtor_type", "reason")  # kinds whose lack has a name of its own
KINDS = {
    "channel": "channel",
    "stage": "stage",
    "debtor_type": "debtor_type",
    "reason": "reason",
    "led_by": "led_by",
}


def share_of(contacts: pd.DataFrame, step: Step) -> Share:
    """How many of the step's base came to the step."""
    total = len(contacts) if step.base is None else int(contacts[step.base].sum())
    return Share(int(contacts[step.column].sum()), total)


def percent(share: Share) -> str:
    """The share in per cent, or that there are too few to tell one."""
    return f"{share.value:.0%}" if share.value is not None else f"不足{FEWEST}例"


def spelt_out(share: Share) -> str:
    """The share with its count and the interval that chance leaves: 62%（n=45，48–75%）."""
    if share.interval is None:
        return f"{share.hits}/{share.total}"
    low, high = share.interval
    return f"{share.value:.0%}（n={share.total}，{100 * low:.0f}–{100 * high:.0f}%）"


def ranged(share: Share) -> str:
    """The same without the count, for tables that tell it elsewhere: 62%（48–75%）."""
    return spelt_out(share).replace(f"n={share.total}，", "")


def groups(contacts: pd.DataFrame, by: str) -> list[tuple[str, pd.DataFrame]]:
    """The contacts by a column of SPLITS, each group under its name on the screen, in the order in which one reads."""
    found = {
        None if pd.isna(key) else key: group for key, group in contacts.groupby(by, sort=True, dropna=False)
    }
    if by == "week":
        return [(f"{key:%Y-%m-%d} 起", group) for key, group in reversed(found.items())]
    named = names_of(KINDS[by]) if by in KINDS else {}
    order = [*(key for key in named if key in found), *(key for key in found if key not in named)]
    return [(label_of(by, key), found[key]) for key in order]


def label_of(by: str, key: str | None) -> str:
    """What a group is called."""
    if key is None:
        return name_of(by, None) if by in MAY_LACK else NOT_KNOWN
    return names_of(KINDS[by]).get(key, key) if by in KINDS else key


def split(contacts: pd.DataFrame, by: str) -> pd.DataFrame:
    """The way from contact to kept promise of each group: shares in words, the kept ones first, and counts."""
    return pd.DataFrame.from_dict(
        {label: way(group) for label, group in groups(contacts, by)}, orient="index"
    )


def way(contacts: pd.DataFrame) -> dict[str, str | int]:
    """The same of one group, from its end. What came due is counted, because the kept ones are a share of it."""
    shares = {step: share_of(contacts, step) for step in reversed(STEPS)}
    rates = {step.rate: ranged(share) for step, share in shares.items()}
    kept, *earlier = shares
    numbers = {step.name: shares[step].hits for step in earlier}
    return (
        rates | {kept.name: shares[kept].hits, DUE: shares[kept].total} | numbers | {CONTACTS: len(contacts)}
    )


def counts(contacts: pd.DataFrame, by: str) -> pd.DataFrame:
    """How many contacts each group has, the biggest first, and what share of all that is."""
    found = sorted(((label, len(group)) for label, group in groups(contacts, by)), key=lambda each: -each[1])
    shares = [Share(number, len(contacts)) for _, number in found]
    return pd.DataFrame(
        {CONTACTS: [number for _, number in found], "占比": [percent(share) for share in shares]},
        index=[label for label, _ in found],
    )
