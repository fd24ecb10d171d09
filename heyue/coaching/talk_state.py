"""Which state a talk is in, so that the next line fits: opening, verifying, venting, reason, negotiating, confirming,
closing (the steps of a contact, domain.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from heyue.coaching.tension import heat_of

HOT = 0.5  # what a single turn must be worth for venting to come first
ENDS_CONTACT = frozenset({"deceased", "wrong_party", "already_paid"})
FAREWELL = re.compile(
    r"再见|拜拜|挂了|先这样|谢谢(?:你|您|啊|了)?[。！~]*$|就这样|不说了|^(?:👍|👌|🙏|ok|好[的嘞哒]?)[。！~]*$"
)
ASKS_WHO = re.compile(r"(?:请问|您)?是.{1,8}(?:吗|吧|么)|找一?下|本人")
ADMITS = re.compile(r"^(?:喂)?[，。]?(?:是|对|嗯|哎|我是|是我|在|本人|你说|讲|说)|什么事|有事")


def state_of(
    own: Sequence[str], asked: Sequence[str], promised: bool, reason_known: bool, situation: str
) -> str:
    """The state of a talk after the last turn of the borrower.

    Args:
        own: the borrower's masked turns; asked: the collector's. promised: a promise with a day stands.
        reason_known: the borrower has told why the payment is late.
    """
    if not own:
        return "opening"
    if FAREWELL.search(own[-1]) and (promised or len(own) > 2):
        return "closing"
    if situation in ENDS_CONTACT:
        return "closing"
    if heat_of(own[-1]) >= HOT:
        return "venting"
    if len(own) == 1 and asked and ASKS_WHO.search(asked[0]) and not ADMITS.search(own[0]):
        return "verifying"
    if promised:
        return "confirming"
    return "negotiating" if reason_known else "reason"
