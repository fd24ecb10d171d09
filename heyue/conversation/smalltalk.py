"""Yes, no, thanks, insults, silence and everything off the topic."""

from __future__ import annotations

import re

from heyue.conversation import promise, situation
from heyue.conversation.dialogue import CLOSED, CONFIRM, SETTLED
from heyue.conversation.effects import NoteCase
from heyue.conversation.exchange import Exchange

_YES = (
    r"(?:嗯+|恩+|对+|是+的?|系|好+的?|行+|可以|没错|ok|OK|Ok|中|成|得|管|照|要得|妥妥?|没毛病|没问题|定了|说定|一言为定|对头|是这样|👌|👍"
    r"|我就?[是系]的?我?|就?[是系]我|本人|谢谢[你您]?|就?(?:按|照|听)[你您]说?的?(?:来|办)?"
    r"|就?(?:是|按|照)?(?:这|那)(?:么|样|个|样子)(?:着|定|办|来|吧|样|说的)?)"
)
YES_WORDS = re.compile(
    rf"^[嗯恩唔昂啊哦噢那]?{_YES}(?:的?[啊呀吧呢哈哒滴了嘛呗嘞咯噻,，。!！~～ ]*{_YES})*的?[啊呀吧呢哈哒滴了嘛呗嘞咯噻,，。!！~～ ]*$"
)
# "哦，知道了" to a read-back agrees; "我再想想" does not, though both commit to nothing by themselves
ACKNOWLEDGES = re.compile(r"^(?:[哦噢嗯好]+[,，。 ]?)?(?:知道|晓得|收到|明白|了解|记住|记下|清楚)了?[啊呀吧呢哈哒滴嘛嘞,，。!！~～ ]*$|^[哦噢]+[,，。!！~～ ]*$")
SPEAK_ON = re.compile("快(?:点)?(?:说|讲)|(?:你|您)(?:说|讲)(?:$|吧|[,，。!！])|(?:说|讲)吧|有话|(?:什么|啥|么子|乜)事|搞快")
LEADING_YES = re.compile(r"^(?:嗯+|对+|是的?|是我|我就?是|没错)(?:[,，。.!！?？ …啊呀呢吧]|$)")
REACTIONS = {
    "off_topic": "off_topic",
    "injection": "off_topic",
    "media": "media",
    "emoji_only": "nudge",
    "silence": "nudge",
    "nlu_fallback": "not_understood",
}
NO_MORE = frozenset({"deny", "goodbye", "thanks", "affirm", "noncommittal"})


def is_yes(exchange: Exchange) -> bool:
    """A yes, also where the reading took "嗯" for a mere sign of life."""
    return exchange.intent == "affirm" or YES_WORDS.match(exchange.text.strip()) is not None


def begins_with_yes(exchange: Exchange) -> bool:
    """A yes with more behind it: "是，你谁啊"."""
    return LEADING_YES.match(exchange.text.strip()) is not None


def react(exchange: Exchange) -> bool:
    """Answer a message that does not move the talk on. True when the contact has ended thereby."""
    if exchange.intent == "insult":
        return hear_insult(exchange)
    if exchange.intent == "busy_later" and not SPEAK_ON.search(exchange.text):
        end(exchange, "later")
        return True
    if exchange.intent == "goodbye" and exchange.dialogue.asked is not None:
        end(exchange, "goodbye_open")
        return True
    if reaction := REACTIONS.get(exchange.intent):
        exchange.say(reaction)
    return False


def hear_insult(exchange: Exchange) -> bool:
    """Stay calm, offer again; after the policy's number of insults end politely. True when ended."""
    exchange.dialogue.insults += 1
    if exchange.dialogue.insults >= exchange.policy.conduct.insults:
        end(exchange, "insult_end")
        return True
    exchange.say("insult_calm")
    return False


def end(exchange: Exchange, outcome: str) -> None:
    """Close the contact; a later message opens it again. A reason that was told is kept, an unconfirmed promise is not."""
    if exchange.dialogue.verified and exchange.dialogue.reason:
        exchange.do(NoteCase(reason=exchange.dialogue.reason))
    exchange.say(outcome)
    exchange.dialogue.stage, exchange.dialogue.asked = CLOSED, None


def hear(exchange: Exchange) -> None:
    """Small talk of a verified borrower: an answer to the open question, or a reaction and the question again."""
    stage = exchange.dialogue.stage
    if stage == CONFIRM and hear_confirmation(exchange):
        return
    if stage == SETTLED and exchange.intent in NO_MORE:
        end(exchange, "goodbye")
    elif exchange.dialogue.asked == "reason" and exchange.intent in ("deny", "noncommittal"):
        promise.decline_reason(exchange)
    elif exchange.dialogue.asked == "when" and exchange.intent == "deny":
        exchange.intent = "refuse_to_pay"
        situation.hear(exchange)
    elif not react(exchange):
        promise.ask_again(exchange)


def hear_confirmation(exchange: Exchange) -> bool:
    """The answer to the read-back. True when it was one."""
    asked = exchange.dialogue.asked
    if is_yes(exchange) or exchange.intent == "thanks" or ACKNOWLEDGES.match(exchange.text.strip()):
        promise.record(exchange) if asked == "confirm" else promise.read_back(exchange)
    elif exchange.intent == "deny":
        promise.ask_change(exchange)
    elif exchange.intent == "goodbye":
        exchange.say("confirm_before_goodbye")
        exchange.ask("confirm")
    else:
        return False
    return True


def hear_unclear(exchange: Exchange) -> None:
    """A message that no intent fits: an answer to the question about the reason, a reason told all the same, or none."""
    told = exchange.reading.reason is not None and exchange.reading.reason_confidence >= promise.IN_PASSING
    if exchange.dialogue.asked == "reason":
        promise.take_reason(exchange)
    elif told and exchange.dialogue.reason is None:
        promise.hear(exchange)
    elif not react(exchange):
        promise.ask_again(exchange)
