"""Personal data as it stands on a screen until somebody asks for more, which is audited."""

from __future__ import annotations

import re
from dataclasses import replace

from heyue.conversation.facts import masked_name
from heyue.records import Case, ListedTalk, TalkReading, Turn

LONG_NUMBER = re.compile(r"(?<!\d)(\d{3})[\d\- ]{4,16}(\d{3}[\dXx])(?!\d)")  # phones, cards, identity numbers

QUOTING = (
    "evidence",
    "promises",
    "violations",
)  # lists in the details of a reading whose entries quote the talk


def masked_number(text: str) -> str:
    """The text with the middle of every long number hidden: 138****0001."""
    return LONG_NUMBER.sub(r"\1****\2", text)


def masked_text(text: str, case: Case | None) -> str:
    """A message with the borrower's name, the digits of his identity number and long numbers hidden."""
    text = masked_number(text)
    if case is None:
        return text
    text = text.replace(case.borrower_name, masked_name(case.borrower_name))
    return text.replace(case.id_last4, "****") if case.id_last4 else text


def masked_turns(turns: list[Turn], case: Case | None) -> list[Turn]:
    """The turns with their texts masked."""
    return [replace(turn, text=masked_text(turn.text, case)) for turn in turns]


def masked_reading(reading: TalkReading, case: Case | None) -> TalkReading:
    """What was found in a talk, with the words that it quotes masked as the turns are."""
    details = dict(reading.details)
    for name in QUOTING:
        details[name] = [each | {"text": masked_text(each["text"], case)} for each in details[name]]
    return replace(reading, details=details)


def masked_talk(talk: ListedTalk) -> ListedTalk:
    """The line of a list with the borrower's name masked."""
    return replace(talk, borrower_name=talk.borrower_name and masked_name(talk.borrower_name))


def masked_case(case: Case) -> Case:
    """The case without what tells who the borrower is."""
    return replace(
        case, borrower_name=masked_name(case.borrower_name), phone=case.phone and masked_number(case.phone),
        id_last4=case.id_last4 and "****", wechat_openid=case.wechat_openid and "****",
    )  # fmt: skip
