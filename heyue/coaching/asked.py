"""What the collector's line before asks: days that answer something else than when he will pay are no promise.

"他什么时候方便？" - "下礼拜吧"; "工资几号发？" - "10号，两千出头"; "您是哪天还的？" - "二十号，两千六"; "三天之内给您答复" - "三天之内，盖章".
"""

from __future__ import annotations

import re
from datetime import datetime

from heyue.understanding.dates import find_dates

WHEN = "(?:什么时候|什么时间|啥时候|几时|几点|哪天|哪一天|几号|多久|大概时间)"
ASKS_HOW_HE_PAID = re.compile(
    f"(?:{WHEN}|怎么|哪张卡|哪个(?:账户|渠道|通道)|是从哪)[^，。？?！]{{0,8}}(?:[还付缴存交]|转账?|打款?|汇款?|扣款?)(?:过来|进来|出去)?的(?!时候|话|钱)"
)
# when somebody can be reached, does something else, or gets money himself
ASKS_FOR_ANOTHER_DAY = re.compile(
    f"{WHEN}[^，。？?！还付款钱账]{{0,10}}(?:方便(?!还|付|处理)|在家|在不在|回来|回去|有空|联系|回(?:我|个|电话|复|话)|给我们?(?:一?个)?(?:回|答复|准话|电话)|接电话|开机|出院|下船|上班|下班|开工|"
    "复工|看(?:一下|看|完)|发(?!给我们)|寄|拍|提供|开支|出粮|到账|结(?!清)|下来|解冻|通(?:一次|个)?话|再(?:通|打|聊|谈|联系))|"
    f"(?:工资|薪水|奖学金|赔偿金?|补贴|低保|尾款|货款|工程款|退休金|退款|学费|手术|出殡|婚礼|开庭)[^，。？?！还付]{{0,8}}(?:{WHEN}|多少)"
)
# a line that ends by asking which day suits, or that speaks of the debt and ends by asking when, asks for the payment ("这1260大概什么时候方便")
ASKS_WHEN_PAYING_SUITS = re.compile(
    f"(?:[还付存缴]|这[一]?[笔期]|本期|月供|[0-9]{{2,}}|[元块])[^。？?！]{{0,20}}{WHEN}[^，。？?！]{{0,2}}方便[呢呀啊给到]*[？?！。 ]*$|"
    "^(?!.{0,200}(?:忙|开车|开会|不方便|住院|电话|联系|见|上门|聊|谈))[^？?]{0,200}哪一?天方便[呢呀啊]*[？?。 ]*$"
)
# asks on which day, and nothing else
ASKS_WHICH_DAY = re.compile(
    "(?:打算|准备|计划|您看|大概|能|可以)?[^，。？?！ ]{0,4}(?:哪一?天|几号|什么时候|啥时候)[^，。？?！ 的]{0,6}(?:还|付|存|转|打款|缴|补上|处理|结清|方便)[^，。？?！ 的]{0,4}[？?。]?$"
)
ASKS_FOR_A_COUNT = re.compile("几(?!号)|多少|多久|多大")
ITS_OWN_DEADLINE = re.compile(
    "答复|回复|回电|回话|核实|核查|核对|复核|查清|出结果|有结果|审批|联系您|(?:打|拨)(?:给您|个?电话|过来)|再(?:打|联系|跟您)|通(?:一次|个)?话|寄给|发给您|反馈|提醒您"
)
CLAUSE = re.compile("[^，。？?！!；;]+")
NOT_PAID = re.compile("没还|还没|没付|没转|没打|再还|剩")
PAYS = re.compile("[还付交缴存转打给结清补凑汇弄搞]|处理")


def answers_something_else(asked: str, text: str, at: datetime) -> bool:
    """Whether the days in a borrower's turn `text`, said at `at`, answer a line of the collector's that does not ask for a payment to come."""
    if ASKS_HOW_HE_PAID.search(asked):
        return NOT_PAID.search(text) is None
    if PAYS.search(text) or ASKS_WHEN_PAYING_SUITS.search(asked):
        return False
    if ASKS_FOR_ANOTHER_DAY.search(asked):
        return True
    said = {(day.start, day.end) for day in find_dates(text, at)}
    return bool(said) and said <= own_deadlines(asked, at)


def asks_which_day(asked: str) -> bool:
    """Whether a line of the collector's asks on which day it will be paid, so that a bare number answers it."""
    return ASKS_WHICH_DAY.search(asked) is not None and ASKS_FOR_A_COUNT.search(asked) is None


def own_deadlines(line: str, at: datetime) -> set[tuple[object, object]]:
    """The days by which a collector will answer, look into something or ring up."""
    return {
        (day.start, day.end)
        for clause in CLAUSE.findall(line)
        if ITS_OWN_DEADLINE.search(clause)
        for day in find_dates(clause, at)
    }
