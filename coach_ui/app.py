"""The coach's frame: who is there, what the menu holds, and the page in it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
import structlog

from coach_ui import away, drafts, failing, provider, session, sign_in
from coach_ui.components.plain_text import plain
from coach_ui.navigation import PageEntry, current_page, may_open
from coach_ui.theme import ICON, apply_theme
from heyue.access.people import User
from heyue.desk.figures import StoreFigures
from heyue.errors import StoreUnavailable
from heyue.watch import logs, trace
from heyue.watch.exposition import serve_where_configured
from heyue.watch.logs import reason

BRAND, PAGE = "和约", "frame.page"
log = structlog.get_logger("coach_ui")


def main() -> None:
    """Draw whatever the address asks for and the person may see."""
    trace.begin()
    st.set_page_config(page_title=BRAND, page_icon=ICON, layout="wide")
    apply_theme()
    drafts.gather()
    try:
        watched()
        frame()
    except StoreUnavailable as error:
        log.warning("coach.store_away", error=reason(error))
        away.give_way()
    except Exception as error:  # whatever it is: a person reads a number to report, the log has the rest
        failing.show(error)


@st.cache_resource(show_spinner=False)
def watched() -> None:
    """Once a process: log lines without personal data, and figures where HEYUE_METRICS_PORT names a port."""
    logs.configure("coach")
    serve_where_configured(StoreFigures(session.desk, session.now))


def frame() -> None:
    """The menu, and the page or what stands in its place."""
    user = session.last() if away.is_away() else session.restore()
    entry, page = current_page(user)
    st.set_page_config(page_title=f"{page.title} · {BRAND}")
    if away.is_away():
        away.show()
        return
    session.keep_cookie()
    close_what_was_open(entry.name)
    if user is not None:
        who_is_there(user)
    draw(user, entry, page.run)


def close_what_was_open(page: str) -> None:
    """Forget which talk another page had open, and that it was unmasked: who comes back looks anew, which is audited."""
    if st.session_state.get(PAGE) != page:
        for key in [str(each) for each in st.session_state]:
            if key.endswith((".opened", ".unmasked")):
                del st.session_state[key]
    st.session_state[PAGE] = page


def draw(user: User | None, entry: PageEntry, run: Callable[[], None]) -> None:
    """The page itself, the sign-in form, or a refusal."""
    if may_open(user, entry.name):
        run()
    elif user is None:
        sign_in.show()
    else:
        st.title(entry.title)
        st.warning(f"“{user.role.name}”不使用这一页。如需使用，请联系管理员。", icon=":material/block:")


def who_is_there(user: User) -> None:
    """Name and role at the foot of the menu, and the way out."""
    with st.sidebar:
        st.markdown(f"**{plain(user.name)}**  \n{user.role.name}")
        st.button("退出登录", icon=":material/logout:", width="stretch", on_click=leave)


def leave() -> None:
    """Sign out, of the provider's word too."""
    session.sign_out()
    provider.leave()


main()
