"""What a collector would know before the contact, and after the talk what nobody told him."""

from __future__ import annotations

import streamlit as st

from coach_ui.components.plain_text import plain
from coach_ui.components.practice_words import address_of, promised_before
from heyue.money import spoken_yuan
from heyue.names import name_of
from heyue.practice.moves import moves
from heyue.practice.persona import Persona


def show_brief(persona: Persona) -> None:
    """The case facts; neither the kind nor the card."""
    case = persona.case
    facts = {
        "称呼": address_of(persona), "渠道": name_of("channel", persona.channel), "债权人": case.creditor,
        "产品": case.product, "应还": spoken_yuan(case.amount_due_fen), "最低应还": spoken_yuan(case.minimum_due_fen),
        "逾期": f"{case.days_overdue} 天", "以往承诺": promised_before(persona), "每月还款日": f"{case.pay_day} 号",
        "身份证后四位": case.id_last4,
    }  # fmt: skip
    st.markdown("  \n".join(f"{name}　**{plain(value)}**" for name, value in facts.items()))


def show_card(persona: Persona) -> None:
    """The hidden card, after the talk."""
    card = persona.card
    st.markdown(
        f"**{plain(persona.name)}**，{persona.age} 岁，{plain(persona.region)}，{plain(persona.trade)}。"
        f"{plain(persona.register)}。"
    )
    st.info(plain(card.story), icon=":material/style:")
    able = "；".join(f"{each.in_days} 天内能拿出 {spoken_yuan(each.amount_fen)}" for each in card.can_pay)
    facts = {
        "真实原因": name_of("reason", card.reason), "月收入": spoken_yuan(card.income_fen),
        "月支出": spoken_yuan(card.expenses_fen), "其他负债": spoken_yuan(card.other_debts_fen),
        "什么打动对方": _names(card.moved_by), "什么激怒对方": _names(card.enraged_by),
        "还得出多少": able or "眼下拿不出钱", "说话算数吗": name_of("practice_keeps", card.keeps),
    }  # fmt: skip
    st.markdown("  \n".join(f"{name}　**{plain(value)}**" for name, value in facts.items()))


def _names(identifiers: frozenset[str]) -> str:
    return "、".join(moves()[each].name for each in moves() if each in identifiers) or "没有特别的"
