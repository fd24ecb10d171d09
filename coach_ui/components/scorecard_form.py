"""The scorecard to be filled in: the machine's proposals, the answers, the words that show them, the running score."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from coach_ui.components import review_draft
from coach_ui.components.flag_review import turn_words
from coach_ui.components.plain_text import plain
from heyue.desk.live import OpenTalk
from heyue.names import name_of
from heyue.review.scorecard import VERDICTS, Answer, Item, Quote, Scorecard, ScoreResult, score
from heyue.review.work import ReviewWork

DETAILS = "review.details"


def show_score(card: Scorecard, work: ReviewWork) -> ScoreResult:
    """The score as the answers stand."""
    result = score(card, work.answers)
    answered = len(card.items) - len(result.unanswered)
    points = "—" if result.points is None else f"{result.points:g}"
    words = f"**{points} 分** · 已答 {answered}/{len(card.items)} 项 · 合格线 {card.pass_points} 分"
    if result.vetoed_by:
        words += " · **一票否决**：" + "、".join(card.item(each).question for each in result.vetoed_by)
    st.markdown(words)
    return result


def show_form(number: int, card: Scorecard, talk: OpenTalk, proposals: Mapping[str, Answer]) -> None:
    """Draw the items by section."""
    work = review_draft.work(number)
    answers = {each.item: each for each in work.answers}
    left = [item for item in proposals if item not in answers]
    st.button(
        f"采纳机器建议（{len(left)} 项未答）", disabled=not left, icon=":material/done_all:", key=f"accept:{number}",
        on_click=review_draft.accept_all, args=(number, proposals), help="只填还没有答的项，之后可以逐项修改。",
    )  # fmt: skip
    for section, name in card.sections.items():
        st.markdown(f"##### {name}")
        for item in card.items:
            if item.section == section:
                _item(number, item, talk, answers.get(item.id), proposals.get(item.id))


def _item(number: int, item: Item, talk: OpenTalk, answer: Answer | None, proposed: Answer | None) -> None:
    key = f"answer:{number}:{item.id}"
    st.session_state[key] = answer.verdict if answer else None

    def answered() -> None:
        review_draft.put_answer(number, item.id, st.session_state[key], proposed)

    words, choice = st.columns([5, 4], vertical_alignment="center")
    veto = " · **一票否决项**" if item.veto else ""
    words.markdown(f"{item.question}（{item.weight}分{veto}）", help=item.help)
    choice.segmented_control(
        item.question, VERDICTS, format_func=lambda each: name_of("verdict", each), key=key, on_change=answered,
        label_visibility="collapsed",
    )  # fmt: skip
    if answer is None:
        st.caption(f"机器建议：{described(proposed)}" if proposed else "机器不作判断，请您决定。")
        return
    _details(number, answer, talk)


def described(answer: Answer) -> str:
    """An answer in a line of Markdown, with its quotes."""
    quotes = "".join(f" “{plain(each.text)}”（第{each.turn + 1}句）" for each in answer.evidence)
    comment = f" — {plain(answer.comment)}" if answer.comment else ""
    return f"{name_of('verdict', answer.verdict)}{quotes}{comment}"


def _details(number: int, answer: Answer, talk: OpenTalk) -> None:
    """The quotes and the comment of an answer; of one item at a time they can be changed."""
    here = (number, answer.item)
    is_open = st.session_state.get(DETAILS) == here
    words, change = st.columns([5, 2], vertical_alignment="top")
    shown = described(answer).removeprefix(name_of("verdict", answer.verdict)).strip()
    words.caption(f"依据：{shown}" if shown else "还没有引用原话。")
    change.button(
        "收起" if is_open else "引用与说明", type="tertiary", key=f"details:{number}:{answer.item}",
        on_click=_toggle, args=(None if is_open else here,), icon=":material/format_quote:",
    )  # fmt: skip
    if is_open:
        _edit(number, answer, talk)


def _toggle(here: tuple[int, str] | None) -> None:
    st.session_state[DETAILS] = here


def _edit(number: int, answer: Answer, talk: OpenTalk) -> None:
    with st.container(border=True):
        for place, quote in enumerate(answer.evidence):
            kept = answer.evidence[:place] + answer.evidence[place + 1 :]
            st.button(
                f"去掉“{plain(quote.text)}”", key=f"quote.drop:{number}:{answer.item}:{place}", type="tertiary",
                icon=":material/delete:", on_click=review_draft.put_details,
                args=(number, answer.item, kept, answer.comment),
            )  # fmt: skip
        turn = st.selectbox(
            "引用哪一句", [place for place, each in enumerate(talk.turns) if each.is_said], format_func=lambda each: turn_words(talk, each),
            key=f"quote.turn:{number}:{answer.item}",
        )  # fmt: skip
        words = st.text_input(
            "引用的原话", talk.turns[turn].text, key=f"quote.words:{number}:{answer.item}:{turn}"
        )
        stands = bool(words.strip()) and words.strip() in talk.turns[turn].text
        if not stands:
            st.caption("这几个字不在那一句里，请照原话引用。")
        more = (*answer.evidence, Quote(turn, words.strip()))
        st.button(
            "加入引用", disabled=not stands, key=f"quote.add:{number}:{answer.item}",
            on_click=review_draft.put_details, args=(number, answer.item, more, answer.comment),
        )  # fmt: skip
        key = f"comment:{number}:{answer.item}"
        st.session_state[key] = answer.comment

        def commented() -> None:
            review_draft.put_details(number, answer.item, answer.evidence, st.session_state[key].strip())

        st.text_area("说明", key=key, max_chars=500, height=70, on_change=commented)
