"""The labels of a talk to be corrected: type, situation, reason, promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from coach_ui.components import review_draft
from coach_ui.components.review_words import LABEL_NAMES, promise_line
from coach_ui.refusals import in_chinese
from heyue.desk.live import OpenTalk
from heyue.desk.reviewed_talk import machine_labels
from heyue.errors import BadInput
from heyue.money import fen_from_yuan, yuan_from_fen
from heyue.names import name_of
from heyue.records import NAMED_AMOUNTS, PromiseTerms
from heyue.review.labels import CERTAINTIES, LABELS, PROMISES
from heyue.review.work import BadWork, check_promise

IN_YUAN = "yuan"
AMOUNTS = (IN_YUAN, *NAMED_AMOUNTS, None)


def show_labels(number: int, talk: OpenTalk) -> None:
    """Draw the choices; what is left alone is confirmed with the review."""
    machine = machine_labels(talk)
    labels = machine | dict(review_draft.work(number).labels)
    for name in LABELS:
        _choice(number, name, labels[name], machine[name])
    st.markdown("##### 承诺")
    promises = [PromiseTerms.from_dict(each) for each in labels[PROMISES]]
    if not promises:
        st.caption("没有承诺。")
    for place, terms in enumerate(promises):
        _promise(number, place, promises, terms)
    st.button(
        "加一个承诺", icon=":material/add:", key=f"promise.add:{number}", on_click=_put_promises,
        args=(number, [*promises, PromiseTerms(None, None, None)]),
    )  # fmt: skip
    if labels[PROMISES] != machine[PROMISES]:
        told = "；".join(promise_line(PromiseTerms.from_dict(each)) for each in machine[PROMISES])
        st.caption(f"机器：{told or '没有承诺'}")


def _choice(number: int, name: str, value: str | None, machine: str | None) -> None:
    key = f"label:{number}:{name}"
    st.session_state[key] = value

    def chosen() -> None:
        review_draft.put_label(number, name, st.session_state[key])

    choice, told = st.columns([3, 2], vertical_alignment="bottom")
    choice.selectbox(
        LABEL_NAMES[name],
        LABELS[name],
        format_func=lambda each: name_of(name, each),
        key=key,
        on_change=chosen,
    )
    told.caption("与机器一致" if value == machine else f"机器：{name_of(name, machine)}")


def _promise(number: int, place: int, promises: list[PromiseTerms], terms: PromiseTerms) -> None:
    """One promise. Every change goes into the draft at once; what cannot be is said below."""
    with st.container(border=True):
        start, end, certainty = st.columns(3)
        amount, yuan, drop = st.columns(3, vertical_alignment="bottom")
        with start:
            _field(number, place, promises, "start", "第一天", terms.start)
        with end:
            _field(number, place, promises, "end", "最后一天", terms.end)
        kind = terms.amount if terms.amount in (*NAMED_AMOUNTS, None) else IN_YUAN
        with amount:
            _field(number, place, promises, "kind", "金额", kind, AMOUNTS)
        with yuan:
            _field(number, place, promises, "yuan", "多少元", "" if kind != IN_YUAN else terms.amount or "")
        with certainty:
            _field(number, place, promises, "certainty", "把握", terms.certainty, CERTAINTIES)
        drop.button(
            "删除这个承诺", type="tertiary", icon=":material/delete:", key=f"promise.drop:{number}:{place}",
            on_click=_put_promises, args=(number, promises[:place] + promises[place + 1 :]),
        )  # fmt: skip
        try:
            check_promise(terms)
        except BadWork as refusal:
            st.error(in_chinese(refusal), icon=":material/error:")


def _field(
    number: int, place: int, promises: list[PromiseTerms], name: str, label: str, value: Any,
    options: tuple[str | None, ...] | None = None,
) -> None:  # fmt: skip
    key = f"promise:{number}:{place}:{name}"
    st.session_state[key] = value

    def changed() -> None:
        others = list(promises)
        others[place] = _changed(promises[place], name, st.session_state[key])
        _put_promises(number, others)

    if options is not None:
        st.selectbox(label, options, format_func=lambda each: _option(name, each), key=key, on_change=changed)
    elif name == "yuan":
        st.text_input(label, key=key, on_change=changed, max_chars=16, placeholder="例如 2000")
    else:
        st.date_input(label, key=key, on_change=changed, format="YYYY-MM-DD")


def _option(name: str, value: str | None) -> str:
    if value == IN_YUAN:
        return "具体金额"
    return name_of("certainty" if name == "certainty" else "amount", value)


def _changed(terms: PromiseTerms, name: str, value: str | date | None) -> PromiseTerms:
    if name == "kind":
        return replace(terms, amount="0.00" if value == IN_YUAN else value)  # type: ignore[arg-type]
    if name == "yuan":
        return replace(terms, amount=_yuan(str(value)))
    return replace(terms, **{name: value})  # type: ignore[arg-type]


def _yuan(typed: str) -> str:
    """Yuan as the contracts write them; what is no amount stays as it was typed, and is refused."""
    try:
        return yuan_from_fen(fen_from_yuan(typed.removesuffix("元")))
    except BadInput:
        return typed


def _put_promises(number: int, promises: list[PromiseTerms]) -> None:
    review_draft.put_label(number, PROMISES, [each.as_dict() for each in promises])
