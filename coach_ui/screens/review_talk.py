"""会话点评: one talk to be judged: its words, flags, labels, scorecard, and the reviews of others where one may see them."""

from __future__ import annotations

import streamlit as st

from coach_ui.away import refreshed
from coach_ui.components import review_draft
from coach_ui.components.bubbles import show_bubbles
from coach_ui.components.flag_review import remarks_of, show_flags
from coach_ui.components.label_form import show_labels
from coach_ui.components.plain_text import plain
from coach_ui.components.review_notes import show_notes
from coach_ui.components.review_save import show_save, show_state
from coach_ui.components.review_words import talk_line
from coach_ui.components.scorecard_form import show_form, show_score
from coach_ui.components.scored_work import show_work, status_line
from coach_ui.components.side_by_side import show_others
from coach_ui.refusals import in_chinese
from coach_ui.session import desk, now, user
from heyue.desk.review_work import OpenReview
from heyue.desk.reviewed_talk import NotRead, machine_flags
from heyue.review.records import DONE, UnknownReview
from heyue.review.scorecard import default_scorecard
from heyue.review.work import ReviewWork

PANEL_PIXELS = 640
OPENED, UNMASKED = "review_talk.opened", "review_talk.unmasked"


def main() -> None:
    """Draw the page."""
    st.title("会话点评")
    try:
        number = int(st.query_params.get("review", ""))
        opened = open_once(number)
    except (ValueError, UnknownReview):
        st.warning("没有这份点评，或者不由您来评。请从“质检”页打开。", icon=":material/search_off:")
        return
    except NotRead as refusal:
        st.info(in_chinese(refusal), icon=":material/hourglass_top:")
        return
    st.caption(
        f"{status_line(opened.review)}　{plain(talk_line(opened.talk.listed))}　会话编号 {opened.review.conversation_id}"
    )
    draw(number)


def open_once(number: int) -> OpenReview:
    """The review; the look is audited when it is opened, not each time it is drawn."""
    if st.session_state.get(OPENED) == number:
        return desk().refresh_review(user(), number, now())
    st.session_state.pop(UNMASKED, None)
    opened = desk().open_review(user(), number, now())
    st.session_state[OPENED] = number
    return opened


@refreshed(None)
def draw(number: int) -> None:
    """The words on the left, what is said of them on the right."""
    opened = desk().refresh_review(user(), number, now())
    if opened.may_edit:
        review_draft.draft_of(opened)
    show_state(opened)
    words, panel = st.columns([5, 6], gap="medium")
    with panel:
        if opened.may_edit:
            edit(number, opened)
        else:
            read(opened)
    with words:
        work = review_draft.work(number) if opened.may_edit else opened.work
        show_words(opened, remarks_of(opened.talk, work))


def show_words(opened: OpenReview, remarks: dict[int, list[str]]) -> None:
    """The talk; personal data on demand, and the click is audited."""
    here = opened.review.conversation_id
    turns = opened.talk.turns
    if st.session_state.get(UNMASKED) == here:
        turns = desk().refresh_talk(user(), here, now(), is_masked=False).turns
    elif user().role.may("unmask") and st.button(
        "显示个人信息", help="会记入审计", icon=":material/visibility:"
    ):
        desk().unmask(user(), here, now())
        st.session_state[UNMASKED] = here
        st.rerun(scope="fragment")
    show_bubbles(turns, opened.talk.reading, height=680, remarks=remarks)


def edit(number: int, opened: OpenReview) -> None:
    """What the reviewer decides."""
    card = default_scorecard()
    work = review_draft.work(number)
    show_score(card, work)
    with st.container(height=PANEL_PIXELS, border=False):
        tabs(number, opened, work)
    show_save(number, card)


def tabs(number: int, opened: OpenReview, work: ReviewWork) -> None:
    """The parts of a review."""
    card = default_scorecard()
    undecided = len(set(machine_flags(opened.talk)) - {each.flag for each in work.verdicts})
    names = [f"违规提示（{undecided} 待定）" if undecided else "违规提示", "评分表", "标签", "点评"]
    flags, form, labels, notes, *rest = st.tabs([*names, *(["对照"] if opened.others else [])])
    with flags:
        show_flags(number, opened.talk)
    with form:
        proposals = desk().proposed_answers(user(), number, work.verdicts, now())
        show_form(number, card, opened.talk, {each.item: each for each in proposals})
    with labels:
        show_labels(number, opened.talk)
    with notes:
        show_notes(number, opened.talk)
    for tab in rest:
        with tab:
            show_others(card, opened.others)


def read(opened: OpenReview) -> None:
    """What was decided, where the person may see it."""
    card = default_scorecard()
    if opened.review.state == DONE and opened.review.is_vetoed is not None:
        show_work(card, opened.review, opened.work)
    if opened.others:
        st.subheader("对照")
        show_others(card, opened.others)


main()
