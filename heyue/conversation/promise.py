"""The promise to pay: date, amount and reason in any order, narrowed, read back, confirmed, recorded."""

from __future__ import annotations

from heyue.conversation import terms as drafting
from heyue.conversation.dialogue import CLOSED, CONFIRM, SETTLED, TALK
from heyue.conversation.effects import NoteCase, RecordPromises
from heyue.conversation.exchange import Exchange
from heyue.records import Case, PromiseTerms
from heyue.understanding.reasons import worded_reason

STRONGER = frozenset(
    {
        "already_paid",
        "deceased",
        "wrong_number",
        "third_party",
        "not_my_loan",
        "refuse_to_pay",
        "insult",
        "injection",
    }
)
INABILITY = frozenset(
    {"salary_delayed", "unemployment", "business_loss", "receivable_late", "illness", "family_emergency",
     "disaster", "over_indebted"}
)  # fmt: skip
BINDING = frozenset(
    {"already_paid", "dispute", "deceased", "wrong_party"}
)  # these stand whatever is promised
CLAIMS = frozenset({"dispute", "fraud", "unwilling"})
CLAIMING = frozenset({"dispute_amount", "not_my_loan", "refuse_to_pay", "give_reason"})
PROMISING = frozenset({"promise_to_pay", "promise_conditional", "correct"})
EXPLAINING = frozenset({"give_reason", "distress"})
PLEADING = frozenset({"cannot_pay_now", "cannot_pay_long"})
WITHOUT_CAUSE = frozenset({"already_paid", "confirm_identity", "give_id_digits", "affirm", "deny", "noncommittal"})
TOLD, IN_PASSING = 0.4, 0.8  # below this a reason that was explained, or said by the way, is asked for later
MOST_READ_BACKS = 8  # in one contact
PATIENCE = 3  # turns without an answer to the question before the contact is left to rest


def remember(exchange: Exchange) -> None:
    """Keep what was said about paying, whoever says it; it is used once the person is verified."""
    if exchange.reading.promises:
        drafting.absorb(exchange)
    note_reason(exchange)


def has_content(exchange: Exchange) -> bool:
    """The message says when or how much, whatever its intent was taken for."""
    if drafting.answers_amount(exchange) or answers_reason(exchange) or drafting.answered_day(exchange):
        return True
    if exchange.intent in STRONGER:
        return False
    return any(
        promise.start is not None or promise.amount is not None for promise in exchange.reading.promises
    )


def answers_reason(exchange: Exchange) -> bool:
    """The question was why, and a reason is the answer ("刚给孩子交了学费" reports no payment to us)."""
    reason = exchange.reading.reason
    told = reason is not None and exchange.reading.reason_confidence >= TOLD
    return exchange.dialogue.asked == "reason" and told and reason not in CLAIMS


def hear(exchange: Exchange) -> None:
    """Take in what the message says about paying, and go on with what is still missing."""
    dialogue = exchange.dialogue
    before = (list(dialogue.terms), dialogue.reason)
    only_explains = answers_reason(exchange) and exchange.intent not in PROMISING
    note_reason(exchange)
    if not only_explains:  # days in an explanation are not the borrower's promise
        drafting.absorb(exchange)
    if before == (dialogue.terms, dialogue.reason) and not drafting.day_problem(exchange):
        hear_nothing_new(exchange)
        return
    dialogue.unanswered = 0
    if dialogue.stage in (SETTLED, CONFIRM):
        dialogue.stage = TALK
    go_on(exchange)


def hear_nothing_new(exchange: Exchange) -> None:
    """The message repeats what is known, or gives no more than the intent."""
    dialogue = exchange.dialogue
    if dialogue.asked == "confirm" and drafting.repeats_read_back(exchange):
        record(exchange)
    elif dialogue.stage == SETTLED:
        exchange.say("already_noted")
        exchange.ask("anything_else")
    elif dialogue.asked == "reason" and exchange.intent == "give_reason":
        take_reason(exchange)
    elif exchange.intent in ("promise_vague", "promise_conditional") and dialogue.asked == "when" and drafting.lacks_day(dialogue.terms):
        narrow(exchange)
    elif exchange.intent == "correct":
        ask_change(exchange)
    else:
        ask_again(exchange)


def note_reason(exchange: Exchange) -> None:
    """A reason named later replaces an earlier one when it answers the question or nothing is known yet."""
    dialogue, reason = exchange.dialogue, exchange.reading.reason
    if reason in CLAIMS and exchange.intent not in CLAIMING and dialogue.asked != "reason":
        return  # asking to waive a fee does not contest it
    if exchange.intent in WITHOUT_CAUSE and dialogue.asked != "reason":
        return
    if dialogue.asked != "reason" or exchange.intent in PLEADING:
        sure = TOLD if dialogue.asked == "reason" or exchange.intent in EXPLAINING else IN_PASSING
        reason = reason if exchange.reading.reason_confidence >= sure else None
    if reason and (dialogue.reason is None or dialogue.asked == "reason" or exchange.intent == "give_reason"):
        dialogue.reason, dialogue.reason_settled = reason, True


def take_reason(exchange: Exchange) -> None:
    """The answer to the question about the reason, in whatever words: "忘了，行不行" alone might be none, here it is one."""
    read = exchange.reading.reason or worded_reason(exchange.reading.text)
    exchange.dialogue.reason = read or exchange.dialogue.reason or "other"
    exchange.dialogue.reason_settled = True
    exchange.dialogue.unanswered = 0
    go_on(exchange)


def decline_reason(exchange: Exchange) -> None:
    """No reason is given; it is not asked again."""
    exchange.dialogue.reason_settled = True
    go_on(exchange)


def go_on(exchange: Exchange) -> None:
    """Ask for what is missing: day, amount, reason; then read all of it back."""
    dialogue = exchange.dialogue
    if dialogue.stage == SETTLED:
        exchange.ask("anything_else")
        return
    if problem := drafting.day_problem(exchange):
        dialogue.horizon_negotiated |= problem == "day_too_far"
        exchange.say(problem)
        exchange.ask("when")
    elif drafting.lacks_day(dialogue.terms):
        narrow(exchange)
    else:
        ask_the_rest(exchange)


def narrow(exchange: Exchange) -> None:
    """Ask for a day; a vague or open one is asked for more closely, then taken as it is."""
    dialogue = exchange.dialogue
    said_something = any(part.start is not None or part.certainty != "firm" for part in dialogue.terms)
    if not said_something:
        exchange.ask("when")
        return
    if dialogue.narrowed >= exchange.policy.promise.narrowing_attempts:
        ask_the_rest(exchange)
        return
    dialogue.narrowed += 1
    exchange.say(f"narrow_{drafting.looseness(dialogue.terms)}")
    exchange.ask("when")


def ask_the_rest(exchange: Exchange) -> None:
    """The day stands as closely as it is to be had: go on to amount and reason, then read back."""
    dialogue = exchange.dialogue
    if drafting.lacks_amount(dialogue) and not dialogue.amount_settled:
        exchange.ask("amount")
    elif dialogue.reason is None and not dialogue.reason_settled:
        exchange.ask("reason")
    else:
        read_back(exchange)


def read_back(exchange: Exchange) -> None:
    """Repeat date, amount and reason and have them confirmed; who never says yes is left in peace."""
    if exchange.dialogue.draft >= MOST_READ_BACKS:
        rest(exchange)
        return
    exchange.dialogue.stage = CONFIRM
    exchange.dialogue.draft += 1
    exchange.say("read_back" if exchange.dialogue.reason else "read_back_without_reason")
    exchange.ask("confirm")


def ask_change(exchange: Exchange) -> None:
    """The read-back is not right: ask what is, and read back again before anything is recorded."""
    exchange.dialogue.asked = "change"
    exchange.say("what_to_change")


def record(exchange: Exchange) -> None:
    """The borrower has confirmed: the promise goes into the ledger."""
    dialogue = exchange.dialogue
    terms = tuple(dialogue.terms)
    exchange.do(RecordPromises(terms, dialogue.draft))
    if dialogue.situation not in BINDING:
        dialogue.situation = situation_after(terms, dialogue.reason, dialogue.situation, exchange.case)
    exchange.do(NoteCase(situation=dialogue.situation, reason=dialogue.reason, status="promised"))
    dialogue.recorded, dialogue.stage, dialogue.unanswered = list(terms), SETTLED, 0
    exchange.say("recorded")
    exchange.ask("anything_else")


def situation_after(
    terms: tuple[PromiseTerms, ...], reason: str | None, before: str | None, case: Case
) -> str:
    """The situation once a promise stands (contracts.md, "Situations, where several fit")."""
    if any(part.start is not None for part in terms):
        return "cooperative"
    if case.broken_promises >= 2:
        return "broken_promises"
    if before in ("unable_short", "unable_long") or reason in INABILITY:
        return before if before in ("unable_short", "unable_long") else "unable_short"
    return "unwilling" if all(part.certainty == "vague" for part in terms) else "cooperative"


def ask_again(exchange: Exchange) -> None:
    """Repeat the open question; after too many turns without an answer leave the borrower in peace."""
    dialogue = exchange.dialogue
    if dialogue.stage == SETTLED:
        exchange.ask("anything_else")
        return
    dialogue.unanswered += 1
    if dialogue.unanswered > PATIENCE:
        rest(exchange)
    elif dialogue.asked == "reason" and dialogue.unanswered >= 2:
        decline_reason(exchange)
    elif dialogue.asked == "amount" and dialogue.unanswered >= 2:
        dialogue.amount_settled = True  # an unsaid amount stays unsaid: nothing is put into his mouth
        go_on(exchange)
    elif dialogue.stage == CONFIRM:
        exchange.say("read_back" if dialogue.reason else "read_back_without_reason")
        exchange.ask("confirm")
    else:
        go_on(exchange)


def rest(exchange: Exchange) -> None:
    """Nothing was agreed: offer a human, end politely, note that he answers but commits to nothing."""
    dialogue = exchange.dialogue
    exchange.say("rest")
    broken = exchange.case.broken_promises >= 2
    unable = "unable_short" if dialogue.reason in INABILITY else "unwilling"
    dialogue.situation = dialogue.situation or ("broken_promises" if broken else unable)
    exchange.do(NoteCase(situation=dialogue.situation, reason=dialogue.reason))
    dialogue.stage, dialogue.asked, dialogue.unanswered = CLOSED, None, 0
