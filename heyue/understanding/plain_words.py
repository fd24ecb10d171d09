"""What is said so plainly that it stands above the learnt decision: a day that is promised, the sum that goes with it, an event on
which it hangs. Lost and invented promises are the worst mistakes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from heyue.understanding.amounts import AmountMention
from heyue.understanding.clauses import Clause
from heyue.understanding.cues import cue
from heyue.understanding.dates import DateMention
from heyue.understanding.promise_rules import offered

ANSWERS_WHEN = frozenset({"day", "few", "week", "part"})  # grains of days that alone answer when; "晚上", "今年" do not
# "27号放，一放给你打": the verb of the event comes back as done before the paying
COMES_BACK = re.compile(
    "(?P<event>[放发到结卖拉提收批审签赔退给领赢开拿取])(?:了|下来|下|出来|完|走|工资|货款|款|钱|账|货|薪)*[,。][^,。]{0,8}?(?:一(?P=event)|(?P=event)(?:了|完|到|下来|走|出去))"
)


def said_plainly(clauses: list[Clause], index: int, mention: DateMention) -> bool:
    """A clause says only that it is paid on the one day that the message names ("下个月还"), or the day is the whole message, or
    it and a sum are ("十四号，两千八")."""
    clause = clauses[index]
    if clause.has("tentative") or names_other_days(clauses, mention):
        return False
    if cue("plainly_before").fullmatch(clause.before(mention).rpartition(":")[2]) is None:
        return False
    after = clause.after(mention)
    if cue("done_by_then").match(after) is not None and (mention.text[0] == "今" or mention.start != mention.end):
        return False  # it may have been: "今天早上就转了", "中秋前就结清了"
    alone = (
        len(clauses) == 1
        and mention.grain in ANSWERS_WHEN
        and cue("nothing_more").fullmatch(after) is not None
    )
    return (
        alone
        or cue("plainly_after").fullmatch(after) is not None
        or sum_said_with(clauses, index, mention) is not None
    )


def names_other_days(clauses: list[Clause], mention: DateMention) -> bool:
    """Another day to come is named than this one; the same one said twice is none."""
    days = [each for clause in clauses for each in clause.dates if each.kind == "future"]
    return any((each.start, each.end) != (mention.start, mention.end) for each in days)


def sum_said_with(clauses: list[Clause], index: int, mention: DateMention) -> AmountMention | None:
    """The number that with the day is all that is said, in its clause or the one beside it: "6号1380", "三千整，就明天"."""
    if mention.grain not in ANSWERS_WHEN or clauses[index].asks:
        return None
    home = clauses[index]
    for each in home.sums:
        if each.span[0] >= mention.span[1]:
            between = home.after(mention)[: each.span[0] - mention.span[1]]
            return each if stands_alone(home, each, between) else None
    if cue("nothing_more").fullmatch(home.after(mention)) is None:
        return None
    for place in (index + 1, index - 1):
        if 0 <= place < len(clauses) and len(clauses[place].sums) == 1 and not clauses[place].asks:
            (each,) = clauses[place].sums
            if stands_alone(clauses[place], each, clauses[place].before(each)):
                return each
    return None


def stands_alone(clause: Clause, said: AmountMention, before: str) -> bool:
    """Nothing stands around a number: `before` it, and after it to its clause's end."""
    if said.amount.isalpha() or cue("sum_alone_before").fullmatch(before) is None:
        return False
    return cue("sum_alone_after").fullmatch(clause.after(said)) is not None


def sum_at_hand(clauses: list[Clause], promised: Sequence[int]) -> list[AmountMention]:
    """The one sum, if any, that must be meant where the learnt decision takes none: one in the promise's own clause, the last one before it that
    the borrower has or has left ("手上只有350 周五给你转"), or what he has just come by ("废铁卖了二百八 这就扫给你").

    Args:
        promised: the places of the clauses in which something is promised.
    """
    own = [each for place in promised for each in offered(clauses[place]) if not each.amount.isalpha()]
    if len(own) == 1:
        return own
    numbers = [(clause, each) for clause in clauses for each in clause.sums if not each.amount.isalpha()]
    before = [(clause, each) for clause, each in numbers if clause.begin <= clauses[max(promised)].begin]
    held = [each for clause, each in before if says_at_hand(clause, each)]
    if held:
        return held[-1:]
    come_by = [each for clause, each in before if cue("come_by").search(clause.before(each))]
    return come_by if len(numbers) == len(come_by) == 1 else []


def says_at_hand(clause: Clause, said: AmountMention) -> bool:
    """The borrower has this sum, and does not keep it for something else."""
    return (
        cue("at_hand").search(clause.before(said)) is not None
        and cue("not_at_hand").match(clause.after(said)) is None
    )


def struck_by_lender(clause: Clause) -> bool:
    """The lender shall strike out what the clause names: its sum is not what will be paid."""
    return cue("struck_by_lender").search(clause.text + ",") is not None


def hangs_on_condition(clauses: list[Clause], index: int) -> bool:
    """Words before or around a day make its paying hang on an event ("要是我妈出院，周三我就还三千", "27号放，一放给你打")."""
    near = [
        each for each in clauses[max(0, index - 1) : index + 3] if each.sentence == clauses[index].sentence
    ]
    own = [each.text for each in near if each.begin <= clauses[index].begin]
    if cue("on_condition").search(",".join(own)) is not None:
        return True
    days = sum(len(each.dates) for each in near)
    if days == 1 and cue("passed_on").search(",".join(each.text for each in near)) is not None:
        return True
    return (
        not clauses[index].pays
        and COMES_BACK.search(",".join(each.text for each in near if each.begin >= clauses[index].begin))
        is not None
    )
