"""What no other sign makes a promise: days on which the words around them say that nothing is paid, or only that something was."""

from __future__ import annotations

import re
from datetime import date

from heyue.understanding.clauses import Clause
from heyue.understanding.cues import cue
from heyue.understanding.dates import BARE_WEEKDAY, DateMention
from heyue.understanding.script import simplify

AHEAD = "明后下大"  # a day that begins so cannot have gone by: "明天还的"
WEEK, MONTH, YEAR = 7, 30, 365  # after how many days a weekday, the number of a day and any other name of one come again
NUMBER_ALONE = re.compile("(?:初|[0-9一二三四五六七八九十廿卅]{1,3}[号日])[^月]*$")


def never_promised(clauses: list[Clause], index: int, mention: DateMention, today: date) -> bool:
    """The words after a day say that nothing is, or only that something was, paid to us then.

    No other sign makes it a promise: an invented one is the worst mistake.
    """
    after = clauses[index].after(mention)
    if cue("told_as_done").match(after) and mention.text[0] not in AHEAD:
        return True
    if has_just_been(mention, today) and (
        cue("done_by_then").match(after) or cue("of_that_day").match(after) or ends_as_done(clauses, index)
    ):
        return True
    before = clauses[index].before(mention)
    told = clauses[index - 1].text + "," + before if index and before == "" else before
    if cue("lender_says").search(told) or (cue("promised_before").search(told) and came_to_nothing(clauses, index)):
        return True
    if cue("never_comes").search(told) or cue("unaware_of").search(before) or (cue("greeted").match(after) and not names_sum(clauses, index)):
        return True
    if cue("forgotten").search(before) and mention.text[0] == "今" and cue("forgotten_duty").match(after):
        return True
    return (
        cue("due_elsewhere").match(after) is not None
        or tells_what_he_has(clauses, index, mention, after)
        or cue("mocks").match(after) is not None
        or turned_down(clauses, index, after)
        or taken_back(clauses, index, mention, after)
        or refused_later(clauses, mention)
        or is_day_of_papers(clauses[index], mention)
    )


def ends_as_done(clauses: list[Clause], index: int) -> bool:
    """The sentence ends with words of a payment that has been ("立冬那天，四千二，从我卖秋茶的钱里头扣的")."""
    return any(each.sentence == clauses[index].sentence and cue("was_done").search(each.text) for each in clauses[index : index + 4])


def has_just_been(mention: DateMention, today: date) -> bool:
    """A day was last closer than it will be next: on the 14th "10号", on a Friday "礼拜三"."""
    said = simplify(mention.text)
    if mention.start is None or mention.end is None or said[0] in AHEAD + "今":
        return False
    ahead = (mention.start - today).days
    period = WEEK if BARE_WEEKDAY.match(said) else MONTH if NUMBER_ALONE.match(said) else YEAR
    return period - ahead < ahead


def tells_what_he_has(clauses: list[Clause], index: int, mention: DateMention, after: str) -> bool:
    """Today's money is counted, and not said to be for us: "今天卡里就剩11块7"."""
    if not mention.text.startswith("今") or cue("has_only").match(after) is None:
        return False
    return not any(each.pays for each in clauses[index : index + 2])


def names_sum(clauses: list[Clause], index: int) -> bool:
    """A sum beside: "下旬见，八百" is no farewell."""
    return "见" in clauses[index].text and any(each.sums for each in clauses[max(0, index - 1) : index + 3])


def came_to_nothing(clauses: list[Clause], index: int) -> bool:
    """The next words tell that what had been promised was not kept."""
    return any(each.has("came_to_nothing") for each in clauses[index : index + 4])


def turned_down(clauses: list[Clause], index: int, after: str) -> bool:
    """A day is refused at once ("下周五还不了五百"), and no paying follows instead."""
    if cue("turned_down").match(after) is None:
        return False
    return not any(each.pays and not each.dates for each in clauses[index + 1 : index + 2])


def refused_later(clauses: list[Clause], mention: DateMention) -> bool:
    """A day is named again to say that nothing comes then ("周五给你1000。算了，周五也给不了")."""
    if not any(clause.has("nothing_comes") for clause in clauses if clause.dates):
        return False  # a clause remembers its cues, where a message of hundreds of days would hold each against each
    same = [
        (clause, each) for clause in clauses for each in clause.dates if (each.start, each.end) == (mention.start, mention.end)
    ]
    return any(cue("refused_again").match(clause.after(each)) for clause, each in same[1:])


def is_day_of_papers(clause: Clause, mention: DateMention) -> bool:
    """On this day only a slip or a picture is sent ("流水号我明早发过来")."""
    return not clause.sums and cue("sends_papers").match(clause.after(mention)) is not None and clause.has("papers")


def taken_back(clauses: list[Clause], index: int, mention: DateMention, after: str) -> bool:
    """What is said next takes a day back ("跟还钱是两码事", "逗你的"), and no other day is named from there on."""
    for place in range(index, min(index + 3, len(clauses))):
        said = after if place == index else clauses[place].text
        if found := cue("taken_back").search(said):
            begin = clauses[place].begin + len(clauses[place].text) - len(said) + found.end()
            later = (day for each in clauses[place:] for day in each.dates if day.span[0] >= begin)
            return not any((day.start, day.end) != (mention.start, mention.end) for day in later)
    return False
