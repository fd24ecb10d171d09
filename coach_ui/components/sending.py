"""Where a line stands on its way to the borrower, and why one did not arrive, in words."""

from __future__ import annotations

from coach_ui.session import desk
from heyue.desk.unsent import NOT_SENT, why_of
from heyue.names import name_of, names_of
from heyue.records import NOT_ARRIVED, Sending, Turn

SOON_MINUTES = 1  # a line that is tried again so soon just waits


def is_lost(turn: Turn) -> bool:
    """Whether the line did not reach the borrower."""
    return turn.sending is not None and turn.sending.state in NOT_ARRIVED


def sending_words(turn: Turn) -> str | None:
    """Where a line stands; None where no provider is between."""
    if turn.sending is None:
        return None
    state = name_of("line_state", turn.sending.state)
    if is_lost(turn):
        return f"{state}：{lost_because(turn.sending)}"
    waits = (turn.sending.due_at - turn.at).total_seconds() > SOON_MINUTES * 60
    if turn.sending.state == "queued" and waits:
        return f"{state}，{turn.sending.due_at:%m-%d %H:%M} 发送"
    return state


def lost_because(sending: Sending) -> str:
    """Why a line did not arrive."""
    return reason_words(why_of(sending.state, sending.code), None if sending.state == "withheld" else sending.code)


def reason_words(why: str, code: str | None = None) -> str:
    """Why a message did not arrive: what the contact gate says, or what happened. `code`: the provider's own word."""
    policy = desk().contact_policy
    if why in policy.checks or why in policy.stop_states:
        return policy.says(why)
    words = names_of("unsent").get(why, why)
    return f"{words}（{names_of('provider_code').get(code, f'代码 {code}')}）" if code else words


def note_words(note: str) -> str:
    """What was noted when a talk changed hands."""
    head, _, why = note.partition(": ")
    return f"机器人的回答没有送达：{reason_words(why)}" if head == NOT_SENT else names_of("handover").get(note, note)
