"""`heyue provider-sim`: stand-ins for WeChat, WeCom and an SMS provider, to try the product without an account."""

from __future__ import annotations

import shlex
import sys
import threading
from enum import Enum
from typing import Annotated, Optional

import httpx
import typer

from heyue.errors import BadInput
from heyue.provider_sim.stand_ins import SMS_PROVIDERS, Line, StandIns
from heyue.settings import Settings

FOLDER = "provider-sim"
EACH_SECONDS = 0.2
Provider = Enum("Provider", {name: name for name in SMS_PROVIDERS})  # type: ignore[misc]


def provider_sim(
    sms: Annotated[Provider, typer.Option(help="Whose SMS to stand in for.")] = Provider["aliyun"],
    port: Annotated[int, typer.Option(min=1024, max=65533, help="The first of three ports in a row.")] = 6100,
    bot: Annotated[
        Optional[str],  # noqa: UP045  typer reads the annotation at run time
        typer.Option(metavar="URL", help="Where the bot answers. Default: HEYUE_BOT_URL, else port 5005."),
    ] = None,
) -> None:
    """Stand in for WeChat, WeCom and an SMS provider on this machine; show what is sent, and write as a borrower."""
    settings = Settings.from_environment()
    stand_ins = StandIns(
        str(sms.value), (bot or settings.bot_url).rstrip("/"), port, settings.data_folder / FOLDER
    )
    try:
        with stand_ins:
            print(introduction(stand_ins), flush=True)
            threading.Thread(target=show_news, args=(stand_ins,), daemon=True).start()
            for line in sys.stdin:
                write(stand_ins, line)
            threading.Event().wait()  # nobody types: go on until Ctrl-C
    except OSError as error:
        raise BadInput(f"the ports {port} to {port + 2} cannot be used ({error.strerror}): choose others by --port") from None


def introduction(stand_ins: StandIns) -> str:
    """What to set, and how to write."""
    variables = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in stand_ins.environment().items())
    return (
        f"# 在另一个终端设置以下变量，再运行 heyue run：\n{variables}\n\n"
        "以借款人身份发消息：输入“手机号、openid 或 wm 开头的客户号”，空格，再输入内容。发出的消息会显示在这里。Ctrl-C 结束。"
    )


def write(stand_ins: StandIns, line: str) -> None:
    """Do what a typed line says."""
    address, _, text = line.strip().partition(" ")
    if not text.strip():
        if address:
            print("格式：13800138000 你好", flush=True)
        return
    before = stand_ins.failures()
    try:
        stand_ins.say(address, text.strip())
    except httpx.HTTPError:
        print("机器人没有应答：heyue run 在运行吗？", flush=True)
        return
    if stand_ins.failures() > before:
        print("机器人没有接收这条消息：变量设置了吗？日志在 heyue run 显示的位置。", flush=True)


def show_news(stand_ins: StandIns) -> None:
    """Show what goes out, for ever."""
    wait = threading.Event()
    while True:
        for line in stand_ins.news():
            print(shown(line), flush=True)
        wait.wait(EACH_SECONDS)


def shown(line: Line) -> str:
    """One message, as the screen shows it."""
    channel, _, how = line.channel.partition(" ")
    names = {"sms": f"短信{how}条", "wechat": "微信", "wecom": "微信客服"}
    return f"→ {line.address} [{names[channel]}] {line.text}"
