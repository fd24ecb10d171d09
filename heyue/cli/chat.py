"""`heyue chat CASE_ID`: talk to the running bot as the borrower of a case."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Optional

import httpx
import typer
from rich.console import Console
from rich.markup import escape

from heyue.cli.options import Database
from heyue.errors import BadInput, Broken, Unknown
from heyue.records import Case
from heyue.settings import Settings
from heyue.store import open_store

ANSWER_SECONDS = 30.0
INVENTED = "DEMO-"  # cases whose identity answer may be shown: nobody real has it
LEAVE = {"/exit", "/quit", "exit", "quit"}


class BotAway(Broken):
    """No bot answers."""


def chat(
    case_id: Annotated[str, typer.Argument(help="The case to speak for, such as DEMO-001.")],
    database: Database = None,
    bot: Annotated[
        Optional[str],  # noqa: UP045  typer reads the annotation at run time
        typer.Option(metavar="URL", help="Where the bot answers. Default: HEYUE_BOT_URL, else port 5005."),
    ] = None,
) -> None:
    """Talk to the running bot as the borrower of a case; an empty line or Ctrl-D ends it."""
    settings = Settings.from_environment(database)
    settings = replace(settings, bot_url=bot.rstrip("/")) if bot else settings
    case = case_of(case_id, settings)
    screen = Console(highlight=False, soft_wrap=True)
    with httpx.Client(base_url=settings.bot_url, timeout=ANSWER_SECONDS, trust_env=False) as client:
        refuse_absent_bot(client)
        screen.print(introduction(case))
        for text in typed(screen):
            show(screen, *say(client, sender_of(case), text))


def case_of(case_id: str, settings: Settings) -> Case:
    """The case, from the store.

    Raises:
        UnknownCase: there is none of this number.
    """
    store = open_store(settings)
    try:
        with store.transaction() as tx:
            return tx.case(case_id)
    finally:
        store.close()


def sender_of(case: Case) -> str:
    """The address that the borrower writes from."""
    address = case.wechat_openid or case.phone
    if address is None:
        raise Unknown(f"case {case.case_id} has neither a WeChat openid nor a phone number to write from")
    return address


def refuse_absent_bot(client: httpx.Client) -> None:
    """Make sure that a bot is there before anything is typed.

    Raises:
        BotAway: it is not. BadInput: the address is none.
    """
    try:
        client.get("/webhooks/rest/", timeout=5).raise_for_status()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise BadInput(f"{client.base_url} is no address of a bot, such as {Settings.bot_url}") from None
    except httpx.HTTPError as error:
        raise BotAway(
            f"no bot answers at {client.base_url} ({error}): start it with `make run`, or name another with --bot"
        ) from None


def introduction(case: Case) -> str:
    """For whom we speak, and how to end it."""
    lines = [f"[bold]{escape(case.case_id)}[/] {escape(case.borrower_name)} · {escape(case.creditor)}"]
    if case.case_id.startswith(INVENTED) and case.id_last4:
        lines.append(f"[dim]虚构的演示案件，身份证后四位是 {case.id_last4}[/]")
    lines.append("[dim]输入借款人要说的话，回车发送；空行或 Ctrl-D 结束。[/]")
    return "\n".join(lines)


def typed(screen: Console) -> Iterator[str]:
    """What is typed, pasted or piped in, line by line, until an empty line or the end of input."""
    interactive = sys.stdin.isatty()
    if interactive:
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  lets input() move and delete Chinese characters as wholes
    while True:
        try:
            text = input("我> " if interactive else "").strip()
        except (EOFError, KeyboardInterrupt):
            return
        except UnicodeDecodeError:
            screen.print("[red]这一行不是 UTF-8 编码，没有发送。[/]")
            continue
        if text in LEAVE or (not text and interactive):
            return
        if not interactive:
            screen.print(f"我> {escape(text)}")
        yield text


def say(client: httpx.Client, sender: str, text: str) -> tuple[list[str], str]:
    """Send one message: the bot's lines, and a remark when something is not as usual.

    Raises:
        BotAway: the bot has gone.
    """
    try:
        answer = client.post("/webhooks/rest/webhook", json={"sender": sender, "message": text})
        body = answer.json()
    except httpx.TimeoutException:
        return [], f"机器人在 {ANSWER_SECONDS:.0f} 秒内没有回复。"
    except (httpx.HTTPError, ValueError) as error:
        raise BotAway(f"the bot at {client.base_url} has gone: {error}") from None
    if isinstance(body, dict):
        return [], f"机器人拒收了这条消息：{body.get('error') or answer.status_code}"
    lines = [line["text"] for line in body if line.get("text")]
    if answer.status_code != 200:
        return lines, f"系统出错（HTTP {answer.status_code}），原因见机器人的日志。"
    return lines, "" if lines else "（没有回复：已转人工，或本次联系已结束）"


def show(screen: Console, lines: list[str], remark: str) -> None:
    """Print the answer."""
    for line in lines:
        screen.print(f"[bold green]和约>[/] {escape(line)}")
    if remark:
        screen.print(f"[yellow]{escape(remark)}[/]")
