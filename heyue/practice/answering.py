"""What a debtor does next: rules in the order in which they are asked, the first that applies decides.

Source: domain.md, "The seven types" and "A contact, step by step"; the numbers are data (reactions.yml, levels.yml).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from heyue.coaching.talk_state import FAREWELL
from heyue.practice.agreeing import accepts, confirms, negotiates
from heyue.practice.answer import ASKS, Answer, Now, is_dated
from heyue.practice.moves import moves
from heyue.practice.persona import COOPERATIVE
from heyue.practice.reactions import PRESSES, SOOTHES, is_hot, kind_of, reactions
from heyue.practice.state import HINTED, PLAIN, Agreed, State, Terms
from heyue.practice.utterances import stalls

MOST_TURNS, EXCHANGE = 40, 2
INVITES = ("ask_reason", "open_question", "listen", "empathy", "name_feeling", "ask_income")
WAITING = ("silence", "deflect")
UPSET, RELIEF = (
    0.4,
    0.08,
)  # tension from which a debtor can be soothed, and by how much less he shows that he is
LINGERS = 3  # answers after an agreement until he says goodbye by himself
REPEATED = 3


def answer_to(now: Now) -> Answer:
    """What the debtor does."""
    return next(answer for rule in RULES if (answer := rule(now)) is not None)


def mood_of(state: State) -> str:
    """The tone of his words: hot, warm, cold or neutral."""
    if is_hot(state):
        return "hot"
    if state.trust >= 0.5 and state.tension < 0.35:
        return "warm"
    return "cold" if state.trust < 0.25 or state.tension >= 0.45 else "neutral"


def _complains(now: Now) -> Answer | None:
    """Pressure that breaks a rule upsets him first, then he warns, then he complains."""
    if not now.heard.does("threat"):
        return None
    warned = replace(now.state, warnings=now.state.warnings + 1)
    if warned.warnings > now.level.warnings:
        return Answer("complain_end", warned, ending="complained")
    if warned.warnings < now.level.warnings:
        return _stall(now._replace(state=warned), "hot")
    return Answer("complain_warn", warned)


def _breaks_off(now: Now) -> Answer | None:
    if now.state.tension < reactions().lost_at or now.state.tension <= now.before.tension:
        return None
    if now.heard.does("disclose"):
        return Answer("hang_up", now.state, ending="disclosed")
    pressed = sum(now.state.times(move) for move in moves() if moves()[move].effect == PRESSES)
    return Answer("hang_up", now.state, ending="enraged" if pressed > 1 else "unheard")


def _tires(now: Now) -> Answer | None:
    is_late = now.turns + 1 + EXCHANGE > MOST_TURNS  # another exchange would be too many
    if now.state.fatigue < 1.0 and not is_late:
        return None
    if is_dated(now.state.promise):
        return Answer("goodbye", now.state, ending=_promise_ending(now.state))
    if not now.state.verified:
        return Answer("hang_up", now.state, ending="unverified")
    if is_late:
        return Answer("goodbye", now.state, ending="too_long")
    return Answer(
        "hang_up", now.state, ending="repeats" if now.state.times("repeat") >= REPEATED else "worn_out"
    )


def _proves_himself(now: Now) -> Answer | None:
    """Before he is verified he asks who is there, refuses once where he is wary, and speaks of nothing else."""
    if now.state.verified:
        return None
    state = replace(now.state, introduced=now.state.introduced or now.heard.does("introduce"))
    if _says_goodbye(now):
        return Answer("goodbye", state, ending="postponed" if now.heard.does("postpone") else "closed")
    if now.heard.does("disclose"):
        return Answer("verify_refuse", state)
    if now.heard.does("verify"):
        return _verified(now, state)
    options = [
        act for act in stalls(now.persona.kind, "unverified") if act != "who_are_you" or not state.introduced
    ]
    return Answer(now.choice.choice(options), state)


def _verified(now: Now, state: State) -> Answer:
    if not state.introduced:
        return Answer("verify_refuse" if "who_are_you" in state.acts else "who_are_you", state)
    is_wary = "verify_refuse" in stalls(now.persona.kind, "unverified") and now.level.warnings < 2
    if is_wary and not {"verify_refuse", "who_are_you"} & set(state.acts):
        return Answer("verify_refuse", state)
    return Answer("verify_ok", replace(state, verified=True))


def _waits(now: Now) -> Answer | None:
    """Verified, but not yet told what it is about: he waits for it."""
    if now.state.informed or now.heard.does(*ASKS, "ask_reason", "truthful_consequence", "explain_rule"):
        return None
    options = [act for act in stalls(now.persona.kind, "unverified") if act in WAITING] or [WAITING[0]]
    return Answer(now.choice.choice(options), now.state)


def _says_goodbye(now: Now) -> bool:
    """Whether the trainee ends the talk with this line; a thanks in passing ends nothing."""
    closes = now.heard.does("thank_close", "postpone") and FAREWELL.search(now.line.strip()) is not None
    reads_back = now.heard.does("read_back") and now.heard.offer != Terms()
    return closes and not reads_back and not now.heard.does(*ASKS, "open_question", "ask_reason")


def _closes(now: Now) -> Answer | None:
    if not _says_goodbye(now):
        return None
    if is_dated(now.state.promise):
        return Answer("goodbye", now.state, ending=_promise_ending(now.state))
    if now.state.promise is not None:
        return Answer("goodbye", now.state, ending="promise_light")
    return Answer("goodbye", now.state, ending="postponed" if now.heard.does("postpone") else "closed")


def _is_upset(now: Now) -> Answer | None:
    """Venting subsides when heard and goes on against force."""
    eased = now.before.tension - now.state.tension
    if not is_hot(now.state):
        heard = any(moves()[move].effect == SOOTHES for move in now.heard.moves)
        first = "soften" not in now.state.acts[-2:]
        return (
            Answer("soften", now.state)
            if now.before.tension >= UPSET and eased >= RELIEF and heard and first
            else None
        )
    if is_dated(now.state.promise) and not any(moves()[move].effect == PRESSES for move in now.heard.moves):
        return None
    return _stall(now, "hot")


def _tells_why(now: Now) -> Answer | None:
    """The true reason comes in steps, to who asks and has earned trust."""
    told, (hints_at, tells_at) = now.state.reason_told, kind_of(now.persona).opens_at
    is_frank = now.persona.kind == COOPERATIVE
    if told == PLAIN or not (is_frank or now.heard.does(*INVITES)) or is_dated(now.state.promise):
        return None
    if now.state.trust >= tells_at and (told == HINTED or is_frank):
        return Answer("reason_plain", replace(now.state, reason_told=PLAIN))
    if now.state.trust >= hints_at and told < HINTED:
        return Answer("reason_hint", replace(now.state, reason_told=HINTED))
    return None


def _has_promised(now: Now) -> Answer | None:
    """After an agreement he thanks, waits, and leaves in the end."""
    if not is_dated(now.state.promise):
        return None
    lingered = sum(act == "thank" for act in now.state.acts[-LINGERS:])
    if lingered >= LINGERS or (_is_concrete(now.state) and "thank" in now.state.acts):
        return Answer("goodbye", now.state, ending=_promise_ending(now.state))
    return Answer("thank", now.state)


def _stalls(now: Now) -> Answer:
    asked = now.heard.does(*ASKS, "ultimatum", "command", "hurry") or now.heard.offer != Terms()
    is_open = now.state.reason_told == PLAIN or now.state.trust >= kind_of(now.persona).opens_at[1]
    return _stall(now, "day" if asked else "open" if is_open else "guarded")


def _stall(now: Now, phase: str) -> Answer:
    options = stalls(now.persona.kind, phase)
    fresh = [act for act in options if act not in now.state.acts[-1:] or options.count(act) > 1]
    act = now.choice.choice(fresh or options)
    light = act == "promise_light" and now.state.promise is None
    state = replace(now.state, stalled=now.state.stalled + 1)
    return Answer(act, replace(state, promise=Agreed(None, None)) if light else state)


def _is_concrete(state: State) -> bool:
    return state.promise is not None and state.promise.is_concrete


def _promise_ending(state: State) -> str:
    return "promise_concrete" if _is_concrete(state) else "promise_loose"


RULES: tuple[Callable[[Now], Answer | None], ...] = (
    _complains, _breaks_off, _tires, _proves_himself, _closes, _waits, _is_upset, confirms, accepts, negotiates, _tells_why,
    _has_promised, _stalls,
)  # fmt: skip
