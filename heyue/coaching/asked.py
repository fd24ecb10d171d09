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
    f"{WHEN}[^，。？?！还付款钱账]{{0,10}}(?:方便(?!还|付|处理)|在家|在不在|回来|回去|有空|联系|回(?:我|个|电话|复|话)|给我们?(?:一?个)?(?:回电话?|回话|回复|答复|电话)|接电话|开机|出院|下船|上班|下班|开工|复工|"
    "看(?:一下|看|完)|发(?!给我们)|寄|拍|提供|开支|出粮|到账|结(?!清)|下来|解冻|通(?:一次|个)?话|再(?:通|打|聊|谈|联系))|"
    f"(?:工资|薪水|奖学金|赔偿金?|补贴|低保|尾款|货款|工程款|退休金)[^，。？?！还付]{{0,8}}(?:{WHEN}|多少)"
)
# in one breath the debt and when it suits ("这1260大概哪天方便"): asks for the payment
ASKS_WHEN_PAYING_SUITS = re.compile(
    "(?:这一?[笔期]|本期|这[0-9]{2,})[^，。？?！谈聊见核对签电话 ]{0,8}(?:哪一?天|什么时候)方便(?:还|付|处理|给到?|存)?[呢呀]?[？?。 ]*$"
)
# asks on which day it will be paid, and nothing else
ASKS_WHICH_DAY = re.compile(
    "(?:^|[。！？ ]|您好，)(?:那|您|你|大概|打算|准备|计划|看|能|可以|最晚|本期|这期|这笔|具体|这边|就)*(?:哪一?天|几号|什么时候|啥时候)(?:能|可以|方便|来|会)*(?:还|付|存|转|打款|缴|补上|处理|结清)(?:进来|过来|[款上呢呀啊])*[？?。]?$"
)
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


def own_deadlines(line: str, at: datetime) -> set[tuple[object, object]]:
    """The days by which a collector will answer, look into something or ring up."""
    return {
        (day.start, day.end)
        for clause in CLAUSE.findall(line)
        if ITS_OWN_DEADLINE.search(clause)
        for day in find_dates(clause, at)
    }
