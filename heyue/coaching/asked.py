"""A borrower's turn in the light of the collector's line before it: what it promises as an answer ("还多少？" - "两千"), and days
that answer something else than when he will pay, which are no promise.

"他什么时候方便？" - "下礼拜吧"; "工资几号发？" - "10号，两千出头"; "您是哪天还的？" - "二十号，两千六"; "三天之内给您答复" - "三天之内，盖章".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from heyue.coaching.talk_cues import talk_cue
from heyue.coaching.transcript import BORROWER, Said
from heyue.coaching.turn_reading import TurnReading
from heyue.understanding.amounts import find_amounts
from heyue.understanding.dates import DateMention, find_dates
from heyue.understanding.promises import Promise

FirstAndLast = tuple["date | None", "date | None"]
BRIEF_ANSWER = 12  # characters
RECENT = 6  # turns before one in which that was said to which it comes back
CLAUSE = re.compile("[^，。？?！!；;]+")
CLAUSE_END = re.compile("[，。！？,!? ]")


def asked_before(turns: Sequence[Said], number: int) -> str:
    """The collector's line right before a turn, which it answers; empty where there is none."""
    before = turns[number - 1] if number else None
    return before.text if before is not None and before.speaker != BORROWER else ""


def said_in(turns: Sequence[Said], number: int, reading: TurnReading, at: datetime) -> list[Promise]:
    """What one turn of the borrower promises, by its own words or as an answer to the collector's."""
    own = [*answered_at_once(turns, number, reading, at), *reading.promises]
    return with_sum_proposed(turns, number, with_rest_asked_for(turns, number, own), at) or [
        *consented(turns, number, at), *answered_sum(turns, number, at), *answered_day(turns, number, at)
    ]  # fmt: skip


def answered_at_once(turns: Sequence[Said], number: int, reading: TurnReading, at: datetime) -> Iterator[Promise]:
    """Paying at once, with which a turn begins that goes on to later days ("余下的八百，您看放哪一天？" - "就现在转给你们吧。…下个月10号再还两千")."""
    found = talk_cue("at_once").match(turns[number].text)
    later = any(each.start is not None and each.start > at.date() for each in reading.promises)
    if found is not None and later and talk_cue("when").search(asked_before(turns, number)):
        yield Promise(at.date(), at.date(), None, "firm", found[0], found.span())


def with_rest_asked_for(turns: Sequence[Said], number: int, said: list[Promise]) -> list[Promise]:
    """The day that answers when the rest comes, or the first of several, is that of its sum ("其余2760元呢？" - "下月10号")."""
    asked, text = asked_before(turns, number), turns[number].text
    sums = sums_of_rest(asked) if said else set()
    if len(sums) != 1:
        return said
    if any(len(said) == 1 or (each.span[0] < said[1].span[0] and not each.rest) for each in find_amounts(text)):
        return said
    return [replace(said[0], amount=sums.pop()), *said[1:]]


def sums_of_rest(line: str) -> set[str]:
    """The numbers that a line names after speaking of what is left."""
    rest = talk_cue("rest").search(line)
    if rest is None:
        return set()
    return {each.amount for each in find_amounts(line) if each.span[0] >= rest.start() and not each.amount.isalpha()}


def is_named_rest(turns: Sequence[Said], number: int, amount: str) -> bool:
    """The collector has lately called this sum what is left ("剩下的4880，可以分两次")."""
    recent = turns[max(0, number - RECENT) : number]
    return any(amount in sums_of_rest(turn.text) for turn in recent if turn.speaker != BORROWER)


def with_sum_proposed(turns: Sequence[Said], number: int, said: list[Promise], at: datetime) -> list[Promise]:
    """A day that the borrower repeats has the sum with which the collector proposed it ("25号先还800，可以吗？" - "可以，就25号")."""
    asked = asked_before(turns, number)
    if len(said) != 1 or said[0].amount or said[0].start is None or not talk_cue("proposes").search(asked):
        return said
    if talk_cue("asks_how_much").search(asked) or talk_cue("turns_down").match(turns[number].text):
        return said
    sums = {each.amount for each in find_amounts(asked)}
    same = len(sums) == 1 and days_named(asked, at) == {(said[0].start, said[0].end)}
    return [replace(said[0], amount=sums.pop())] if same else said


def consented(turns: Sequence[Said], number: int, at: datetime) -> Iterator[Promise]:
    """A day, with its sum, that the collector proposed and the borrower accepts in a word ("25号可以吗" - "可以")."""
    asked, text = asked_before(turns, number), turns[number].text
    if not (is_consent(text) or is_sign_asked_for(text, asked) or (is_brief_consent(text) and find_amounts(asked))):
        return
    days = days_to_come(asked, at)
    then = asked[days[0].span[1] :] if len(days) == 1 else ""
    proposed = talk_cue("proposes").search(then) or talk_cue("reply_sign").search(asked) or is_told_again(turns, number)
    if len(days) == 1 and proposed and not talk_cue("asks_openly").search(then) and not own_deadlines(asked, at):
        sums = {each.amount for each in find_amounts(asked)}
        amount = sums.pop() if len(sums) == 1 else None
        yield Promise(days[0].start, days[0].end, amount, "firm", text, (0, len(text)))


def is_told_again(turns: Sequence[Said], number: int) -> bool:
    """The collector's line before a turn repeats the day, since the borrower asked which ("你讲几号？" - "20号，礼拜一。" - "行")."""
    return number > 1 and turns[number - 2].speaker == BORROWER and talk_cue("when").search(turns[number - 2].text) is not None


def days_turned_down(text: str, at: datetime) -> set[FirstAndLast]:
    """The days in place of which a turn names another ("周四转，不要等周五了")."""
    return {
        (day.start, day.end)
        for day in find_dates(text, at)
        if talk_cue("not_to_wait_for").search(text[: day.span[0]]) or talk_cue("does_not_suit").match(text, day.span[1])
    }


def moved_to(text: str, at: datetime) -> Iterator[Promise]:
    """The day to which a turn moves a payment ("她们单位要晚一天发，改成16号"), unless it only asks whether it may."""
    words = talk_cue("moved_to").search(text)
    if words is not None and not talk_cue("proposes").search(text):
        days = (day for day in days_to_come(text, at) if day.span[0] == words.end())
        yield from (Promise(day.start, day.end, None, "firm", day.text, day.span) for day in days)


def is_consent(text: str) -> bool:
    """A turn that consents and says nothing else."""
    return talk_cue("consent").fullmatch(text.strip()) is not None


def is_brief_consent(text: str) -> bool:
    """A turn that consents and adds a few words that change nothing ("对 一笔头")."""
    agrees = talk_cue("agrees").match(text)
    brief = agrees is not None and talk_cue("nothing_else").fullmatch(text, agrees.end()) is not None
    return brief and not talk_cue("asks_how_much").search(text) and not find_amounts(text)


def is_sign_asked_for(text: str, asked: str) -> bool:
    """The borrower sends back what a message asked those to send who agree ("同意请回1" - "1")."""
    sign = talk_cue("reply_sign").search(asked)
    return sign is not None and text.strip(" 。.") == sign["sign"]


def answered_sum(turns: Sequence[Said], number: int, at: datetime) -> Iterator[Promise]:
    """A sum that answers the question how much, for the day that the question names ("那17号您能还多少？" - "1200。余下的再说")."""
    asked, text = asked_before(turns, number), turns[number].text
    if not is_asked_how_much(turns, number):
        return
    days = [day for day in days_to_come(asked, at) if day.start == day.end]
    sums = find_amounts(text)
    if len(days) == 1 and sums and sums[0].span[1] <= BRIEF_ANSWER:
        said = sums[-1] if talk_cue("corrects").search(text, sums[0].span[1]) else sums[0]  # "一千怕我又丢脸，六百"
        yield Promise(days[0].start, days[0].end, said.amount, "firm", said.text, said.span)
    elif len(sums) == 1 and len(text) <= BRIEF_ANSWER:
        yield Promise(None, None, sums[0].amount, "firm", text, (0, len(text)))


def is_asked_how_much(turns: Sequence[Said], number: int) -> bool:
    """A turn answers how much is paid, and does not refuse to pay."""
    asked = asked_before(turns, number)
    if not talk_cue("asks_how_much").search(asked) or talk_cue("asks_what_he_has").search(asked):
        return False
    text = turns[number].text
    return talk_cue("wont").match(text) is None and talk_cue("scoffs").search(text) is None


def first_words(text: str) -> str:
    """A turn up to its first punctuation mark."""
    return CLAUSE_END.split(text, maxsplit=1)[0]


def answered_day(turns: Sequence[Said], number: int, at: datetime) -> Iterator[Promise]:
    """The bare number of a day that answers on which day it will be paid ("您打算哪天存呢？" - "二十八。"), or is put in place of the one
    proposed ("24号还2215元，可以吗？" - "24号不行。26。")."""
    asked = asked_before(turns, number)
    said = talk_cue("number_alone").fullmatch(turns[number].text.strip())
    if said is None:
        return
    if said["instead"] is None:
        is_answer = talk_cue("asks_which_day").search(asked) is not None
    else:
        is_answer = bool(days_to_come(asked, at)) and talk_cue("proposes").search(asked) is not None
    if is_answer:
        for day in find_dates(f"{said['day']}号", at):
            yield Promise(day.start, day.end, None, "firm", said["day"], (0, len(turns[number].text)))


def is_beside_the_point(turns: Sequence[Said], number: int, at: datetime) -> bool:
    """A turn whose days answer something else that the collector asked, as his next line may tell ("那周四我给您打")."""
    asked, text = asked_before(turns, number), turns[number].text
    following = turns[number + 1].text if number + 1 < len(turns) and turns[number + 1].speaker != BORROWER else ""
    return answers_something_else(asked, text, at) or is_taken_for_a_call(text, following, at)


def is_taken_for_a_call(text: str, following: str, at: datetime) -> bool:
    """The collector takes the borrower's bare day for that of his own next call."""
    if not talk_cue("own_call").search(following) or names_payment(text):
        return False
    said = days_named(text, at)
    return bool(said) and said <= days_in_clauses(following, "own_call", at)


def answers_something_else(asked: str, text: str, at: datetime) -> bool:
    """Whether the days in a borrower's turn `text`, said at `at`, answer a line of the collector's that does not ask for a payment to come."""
    if talk_cue("asks_how_he_paid").search(asked):
        return talk_cue("not_paid").search(text) is None
    if asks_for_papers(asked) and not names_payment(text) and (len(text) <= BRIEF_ANSWER or talk_cue("hands_over").search(text)):
        return True
    if talk_cue("pays").search(text) or talk_cue("asks_when_paying_suits").search(asked):
        return False
    if talk_cue("asks_for_another_day").search(asked):
        return True
    said = days_named(text, at)
    return bool(said) and said <= own_deadlines(asked, at)


def asks_for_papers(asked: str) -> bool:
    """Papers are asked for, and no payment."""
    return talk_cue("asks_for_papers").search(asked) is not None and not names_payment(asked)


def names_payment(text: str) -> bool:
    """A sum, or a word that is used of paying alone ("还款"), not also of papers ("交", "给")."""
    return bool(find_amounts(text)) or talk_cue("pays_only").search(text) is not None


def own_deadlines(line: str, at: datetime) -> set[FirstAndLast]:
    """The days by which a collector will answer, look into something or ring up."""
    return days_in_clauses(line, "own_deadline", at)


def days_in_clauses(line: str, name: str, at: datetime) -> set[FirstAndLast]:
    """The days in those clauses of a collector's line that hold the cue `name`."""
    held = [clause for clause in CLAUSE.findall(line) if talk_cue(name).search(clause)]
    return {days for clause in held for days in days_named(clause, at)}


def days_named(text: str, at: datetime) -> set[FirstAndLast]:
    """The days that a text names, whatever they are about."""
    return {(day.start, day.end) for day in find_dates(text, at)}


def days_to_come(text: str, at: datetime) -> list[DateMention]:
    """The days to come that a text names, in their order."""
    return [day for day in find_dates(text, at) if day.kind == "future"]
