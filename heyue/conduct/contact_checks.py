"""The checks of the contact gate. Each says whether a message passes, or None where it does not apply; unknown means no.

Their order, rule ids and wording stand in contact_gate.yml; their source is compliance.md part C.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from heyue.conduct.contact_facts import DEBTOR, Question
from heyue.conduct.contact_words import demands, names_consequences, says, sums_fen
from heyue.conduct.disclosure import debt_pattern, reveals_debt
from heyue.settings import ZONE
from heyue.understanding.script import simplify

USABLE = ("usable", "opted_out")  # who opted out is judged by when, see the check opt_out
NOT_FOR_THE_BOT = ("human", "stopped")
DISCLOSED = "third_party_disclosure"  # the rule of rules.yml that naming a debt to somebody unverified breaks


def _debt(question: Question) -> bool | None:
    if question.answers or question.kind.when_settled:
        return None if question.answers else question.known.case is not None
    case, owed_fen = question.known.case, question.known.owed_fen
    return case is not None and case.status != "settled" and owed_fen is not None and owed_fen > 0


def _role(question: Question) -> bool:
    return question.known.role == DEBTOR


def _promise(question: Question) -> bool:
    return question.kind.on_promise or question.known.has_promise is False


def _opted_out_since(question: Question) -> bool | None:
    """An answer still goes to who has opted out before he wrote; to who has done so since he wrote none goes."""
    return question.known.opted_out_since is False if question.answers else None


def _handled(question: Question) -> bool | None:
    """An answer of the bot heeds only who has its own talk; what it says unasked also how the case stands."""
    if not question.by_bot:
        return None
    if question.answers:
        return question.known.held_by_human is False
    case = question.known.case
    return case is not None and case.status not in NOT_FOR_THE_BOT and question.known.held_by_human is False


def _time_barred(question: Question) -> bool | None:
    if question.answers and not question.by_bot:
        return None
    begun = question.known.last_interruption
    return begun is not None and question.contact.at.astimezone(ZONE).date() < _years_after(
        begun, question.policy.barred_years
    )


def _years_after(day: date, years: int) -> date:
    """The same day so many years on; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _address(question: Question) -> bool:
    return question.known.address_state in USABLE


def _opt_out(question: Question) -> bool:
    """A bot heeds a refusal on any channel, a person one on this channel."""
    found = question.known.opt_outs
    if found is None:
        return False
    heeded = (
        found.values()
        if question.by_bot
        else [at for on, at in found.items() if on == question.contact.channel]
    )
    kept = timedelta(days=question.policy.opt_out_days)
    return all(question.contact.at - since >= kept for since in heeded)


def _wall(question: Question) -> bool | None:
    return question.policy.wall.hold(question.contact.at) if question.is_proactive else None


def _window(question: Question) -> bool | None:
    return question.policy.window.hold(question.contact.at) if question.is_proactive else None


def _night_demand(question: Question) -> bool | None:
    if question.is_proactive or not question.policy.no_demand.hold(question.contact.at):
        return None
    return not demands(question.contact.text, question.policy)


def _below(count: int | None, most: int | None) -> bool | None:
    """Whether one more is allowed. None where nothing is set."""
    if most is None:
        return None
    return count is not None and count < most


def _channel_day(question: Question) -> bool | None:
    return _below(question.touches(1, question.contact.channel), question.channel.per_day)


def _channel_week(question: Question) -> bool | None:
    return _below(question.touches(7, question.contact.channel), question.channel.per_7_days)


def _bot_day(question: Question) -> bool | None:
    return (
        _below(question.touches(1, by_bot=True), question.policy.per_day["bot"]) if question.by_bot else None
    )


def _all_day(question: Question) -> bool | None:
    return _below(question.touches(1), question.policy.per_day["all"])


def _is_free(question: Question) -> bool:
    """Whether it goes as free words where those are allowed only after he has written (a stranger just has)."""
    is_limited = question.channel.window_hours is not None and not question.kind.to_stranger
    return is_limited and question.contact.template is None


def _reply_window(question: Question) -> bool | None:
    if not _is_free(question):
        return None
    heard_at, hours = question.known.last_heard_at, question.channel.window_hours or 0
    return heard_at is not None and question.contact.at - heard_at < timedelta(hours=hours)


def _reply_quota(question: Question) -> bool | None:
    """The bot leaves one of the quota to a human (W-01)."""
    if not _is_free(question):
        return None
    return _below(
        question.known.answered, question.channel.bot_quota if question.by_bot else question.channel.quota
    )


def _template(question: Question) -> bool | None:
    name, channel = question.contact.template, question.contact.channel
    if name is not None:
        is_as_judged = all(value in question.contact.text for value in question.contact.parameters.values())
        return is_as_judged and name in question.policy.approved_templates.get(channel, frozenset())
    return False if question.is_proactive and question.channel.needs_template else None


def _amounts(question: Question) -> bool:
    sums, ledger = set(sums_fen(question.contact.text)), question.known.ledger_fen
    if ledger is None:
        return not sums
    if question.kind.amounts == "up_to_owed":
        return all(each in ledger or each <= (question.known.owed_fen or 0) for each in sums)
    return sums <= ledger


def _disclosure(question: Question) -> bool:
    """Who a person is may be checked by a person, who then says so as his reason."""
    if question.known.is_verified or DISCLOSED in question.contact.overridden:
        return True
    case = question.known.case
    return case is not None and reveals_debt(question.contact.text, case) is None


def _disclosure_to_a_stranger(question: Question) -> bool:
    return debt_pattern().search(simplify(question.contact.text)) is None


def _line(question: Question) -> bool:
    broken = question.known.broken_rules
    return broken is not None and set(broken) <= question.contact.overridden


def _consequences(question: Question) -> bool | None:
    return not names_consequences(question.contact.text, question.policy) if question.by_bot else None


def _organisation(question: Question) -> bool | None:
    """Who has been told already need not be told again, but an SMS stands alone."""
    if not (question.known.is_first is not False or (question.is_proactive and question.channel.labels_all)):
        return None
    case = question.known.case
    return case is not None and case.creditor in question.contact.text


def _label(question: Question) -> bool | None:
    if not question.by_bot or not (question.channel.labels_all or question.known.is_first is not False):
        return None
    return question.policy.label in question.contact.text


def _ways_out(question: Question) -> bool | None:
    if not question.by_bot or not (question.channel.labels_all or question.known.is_first is not False):
        return None
    return all(
        says(question.contact.text, what, question.policy) for what in ("human_option", "opt_out_option")
    )


def _official_channel(question: Question) -> bool | None:
    if not question.by_bot or question.known.is_first is False:
        return None
    return says(question.contact.text, "official_channel", question.policy)


Check = Callable[[Question], "bool | None"]
DEBT_AND_ROLE: Mapping[str, Check] = {
    "debt": _debt, "role": _role, "opted_out_since": _opted_out_since, "handled": _handled, "time_barred": _time_barred,
}  # fmt: skip
STANDING: Mapping[str, Check] = {"promise": _promise, "address": _address, "opt_out": _opt_out}
MOMENT: Mapping[str, Check] = {
    "wall": _wall, "window": _window, "night_demand": _night_demand, "reply_window": _reply_window,
    "reply_quota": _reply_quota, "template": _template,
}  # fmt: skip
WORDS_TO_THE_DEBTOR: Mapping[str, Check] = {
    "amounts": _amounts, "disclosure": _disclosure, "line": _line, "organisation": _organisation, "label": _label,
}  # fmt: skip
WORDS_UNASKED: Mapping[str, Check] = {
    "channel_day": _channel_day, "channel_week": _channel_week, "bot_day": _bot_day, "all_day": _all_day,
    "consequences": _consequences, "ways_out": _ways_out, "official_channel": _official_channel,
}  # fmt: skip
WORDS_TO_A_STRANGER: Mapping[str, Check] = {"disclosure": _disclosure_to_a_stranger}
