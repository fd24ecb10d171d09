"""Right-party contact: until the person is verified nothing is said that tells of a debt (compliance V06, C-03, P-02)."""

from __future__ import annotations

import re

from heyue.conversation import promise, question, situation, smalltalk
from heyue.conversation.dialogue import CLOSED, TALK
from heyue.conversation.effects import HandOver, NoteCase, Stop, VerificationFailed, Verified, WrongParty
from heyue.conversation.exchange import Exchange
from heyue.conversation.facts import identity_factor
from heyue.records import Case
from heyue.understanding import simplify

ID_NUMBER = re.compile(r"(?<![0-9])[0-9]{14}([0-9]{3}[0-9X])(?![0-9])")
LAST_FOUR = re.compile(r"(?<![0-9A-Z])([0-9]{3}[0-9X])(?![0-9A-Z元块])")
SAYS_IT_IS_HIM = re.compile("就?是(?:我|老子|老娘|俺|咱|额|偶|窝|爷|姐|哥)(?![的们儿家])")
FACTOR_CUE = re.compile("身份|证号|尾号|后四|末四|后4|末4|最后")
SHORT = 12  # characters: so short a message with four digits answers the question
SPOKEN_DIGITS = str.maketrans("零〇一二三四五六七八九两幺", "0012345678921")
SPOKEN_FOUR = re.compile(
    r"(?<![0-9])[零〇一二三四五六七八九幺0-9]{3}[零〇一二三四五六七八九幺0-9xX](?![0-9])"
)
SURE = 0.5  # below this an intent that ends the contact is asked about first
HELD = frozenset(situation.HELD_INTENTS | question.HELD_INTENTS)


def hear_unverified(exchange: Exchange, flow: str) -> None:
    """Answer a person of whom it is not yet known whether he is the borrower."""
    digits = factor_digits(exchange)
    if digits is None:  # "5126" is an identity factor, not a sum
        promise.remember(exchange)
    if exchange.intent in HELD:
        exchange.dialogue.held = exchange.intent
    if is_wrong_party(exchange):
        end_wrong_party(exchange)
    elif digits is not None:
        check_digits(exchange, digits)
    elif claims_identity(exchange):
        ask_factor(exchange)
    else:
        ANSWERS[flow](exchange)


def hear(exchange: Exchange) -> None:
    """A verified borrower says again who he is, or that he is not: he is believed to be the borrower."""
    if exchange.intent in ("wrong_number", "third_party") and exchange.confidence >= SURE:
        end_wrong_party(exchange)
    else:
        promise.go_on(exchange)


def is_wrong_party(exchange: Exchange) -> bool:
    """Someone else is on the line. Said without a doubt, or as the answer to the identity question."""
    asked = exchange.dialogue.asked == "identity"
    if says_own_name(exchange) or (asked and smalltalk.is_yes(exchange)):
        return False
    if exchange.intent in ("wrong_number", "third_party"):
        return exchange.confidence >= SURE or (asked and not names_borrower(exchange))
    return exchange.intent == "deny" and asked


def is_known_wrong_party(exchange: Exchange) -> bool:
    """Someone else was on the line in this contact, and nobody says now to be the borrower."""
    if exchange.dialogue.situation != "wrong_party" or exchange.intent == "confirm_identity":
        return False
    return factor_digits(exchange) is None


def names_borrower(exchange: Exchange) -> bool:
    """The message is, or contains, the borrower's full name."""
    return simplify(exchange.case.borrower_name) in exchange.text


def says_own_name(exchange: Exchange) -> bool:
    """ "我是戚薇薇", or nothing but the name."""
    name = re.escape(simplify(exchange.case.borrower_name))
    return re.search(rf"(?:^|我就?(?:是|叫|系)|本人){name}(?!的|他|她)", exchange.text.strip()) is not None


def claims_identity(exchange: Exchange) -> bool:
    """The person says to be the borrower: in words, by the name, or by a yes to the question."""
    if exchange.intent == "confirm_identity" or names_borrower(exchange):
        return True
    asked = exchange.dialogue.asked == "identity"
    return asked and (
        smalltalk.is_yes(exchange)
        or smalltalk.begins_with_yes(exchange)
        or SAYS_IT_IS_HIM.match(exchange.text.strip()) is not None
    )


def factor_digits(exchange: Exchange) -> str | None:
    """The four characters given as identity factor, or None. "周五还2000" gives none."""
    text = exchange.text.upper()
    if number := ID_NUMBER.search(text):
        return number[1]
    asked = exchange.dialogue.asked == "verify"
    meant = exchange.intent == "give_id_digits" or FACTOR_CUE.search(text) or (asked and len(text) <= SHORT)
    if not meant:
        return None
    if four := LAST_FOUR.search(text):
        return four[1]
    spoken = SPOKEN_FOUR.search(text)
    return spoken[0].translate(SPOKEN_DIGITS) if spoken else None


def check_digits(exchange: Exchange, digits: str) -> None:
    """Compare with what is on file; the third wrong answer ends the contact and hands over."""
    if digits and digits == expected_digits(exchange.case):
        greet_verified(exchange)
        return
    exchange.dialogue.wrong_answers += 1
    exchange.do(VerificationFailed())
    if exchange.dialogue.wrong_answers >= exchange.policy.identity.wrong_answers:
        close(exchange, "identity_failed", "identity not verified")
    else:
        exchange.say("wrong_digits")
        exchange.ask("verify")


def expected_digits(case: Case) -> str:
    """The four characters on file; empty where there are none."""
    if identity_factor(case) == "id_last4":
        return (case.id_last4 or "").upper()
    return (case.phone or "")[-4:]


def repeats_digits(exchange: Exchange) -> bool:
    """A verified borrower sends his digits once more, as when the answer did not reach him: they are no sum, but
    where the sum was asked for they may be one."""
    said = exchange.text.strip().upper()
    return exchange.dialogue.asked != "amount" and said == expected_digits(exchange.case)


def hear_digits_again(exchange: Exchange) -> None:
    """Name the bill again and go on."""
    exchange.say(f"disclose_{disclosure_stage(exchange)}")
    promise.go_on(exchange)


def greet_verified(exchange: Exchange) -> None:
    """Name the debt, then answer what was said before the person was known."""
    dialogue = exchange.dialogue
    dialogue.verified, dialogue.stage, dialogue.unanswered = True, TALK, 0
    exchange.do(Verified())
    exchange.say(f"disclose_{disclosure_stage(exchange)}")
    held, dialogue.held = dialogue.held, None
    if held in situation.HELD_INTENTS:
        exchange.intent = held
        situation.hear(exchange)
    elif held in question.HELD_INTENTS:
        exchange.intent = held
        question.hear(exchange)
    else:
        promise.go_on(exchange)


def disclosure_stage(exchange: Exchange) -> str:
    """Which wording names the bill: by days overdue; not_due before the due date."""
    days = exchange.case.days_overdue(exchange.today)
    if days <= 0:
        return "not_due"
    stage = exchange.policy.stage(days)
    return "late" if stage == "handover" else stage


def ask_factor(exchange: Exchange) -> None:
    """Ask for the identity factor; without one on file a human must verify the person."""
    exchange.dialogue.unanswered = 0
    if identity_factor(exchange.case) == "none":
        close(exchange, "identity_by_human", "no identity factor on file")
    else:
        exchange.ask("verify")


def end_wrong_party(exchange: Exchange) -> None:
    """Apologise, disclose nothing, never contact this address about the borrower again (C-03)."""
    exchange.say("wrong_party" if exchange.intent != "third_party" else "third_party")
    exchange.do(WrongParty())
    exchange.do(Stop("NUMBER_NOT_OWNER"))
    exchange.do(NoteCase(situation="wrong_party", status="stopped"))
    exchange.dialogue.situation = "wrong_party"
    exchange.dialogue.stage, exchange.dialogue.asked = CLOSED, None


def close(exchange: Exchange, outcome: str, note: str) -> None:
    """End the contact politely and give it to a human."""
    exchange.say(outcome)
    exchange.do(HandOver(note))
    exchange.dialogue.stage, exchange.dialogue.asked = CLOSED, None


def ask_again(exchange: Exchange) -> None:
    """Repeat the identity question; after too many turns without an answer end politely."""
    dialogue = exchange.dialogue
    if dialogue.asked is not None:
        dialogue.unanswered += 1
    if dialogue.unanswered >= exchange.policy.identity.unanswered:
        exchange.say("identity_unanswered")
        dialogue.stage, dialogue.asked, dialogue.unanswered = CLOSED, None, 0
    else:
        exchange.ask("verify" if dialogue.asked == "verify" else "identity")


def answer_identity(exchange: Exchange) -> None:
    if exchange.intent == "refuse_to_verify":
        exchange.say("why_verify")
    ask_again(exchange)


def answer_question(exchange: Exchange) -> None:
    outcome = question.BEFORE_VERIFICATION.get(exchange.intent, "hold_until_verified")
    if not (outcome == "who_before" and "introduction" in exchange.said):  # the introduction has just said it
        exchange.say(outcome)
    ask_again(exchange)


def answer_hold(exchange: Exchange) -> None:
    exchange.say("hear_distress" if exchange.intent in situation.DISTRESSED else "hold_until_verified")
    ask_again(exchange)


def answer_smalltalk(exchange: Exchange) -> None:
    if not smalltalk.react(exchange):
        ask_again(exchange)


def answer_promise(exchange: Exchange) -> None:
    exchange.say("noted_until_verified")
    ask_again(exchange)


ANSWERS = {
    "identity": answer_identity,
    "question": answer_question,
    "situation": answer_hold,
    "promise": answer_promise,
    "service": answer_hold,
    "smalltalk": answer_smalltalk,
    "fallback": answer_smalltalk,
}
