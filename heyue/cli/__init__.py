"""The console command `heyue`. Each subcommand lives in a module of its own, imported only when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import typer

from heyue.errors import HeyueError

# name on the command line: (module, function or group). The first line of a function's docstring is its help.
COMMANDS = {
    "run": ("heyue.cli.run", "run"),
    "migrate": ("heyue.cli.migrate", "migrate"),
    "backup": ("heyue.cli.store", "backup"),
    "restore": ("heyue.cli.store", "restore"),
    "doctor": ("heyue.cli.doctor", "doctor"),
    "import": ("heyue.cli.import_cases", "import_cases"),
    "payments": ("heyue.cli.payments", "payments"),
    "case": ("heyue.cli.case", "case"),
    "chat": ("heyue.cli.chat", "chat"),
    "read-talks": ("heyue.cli.read_talks", "read_talks"),
    "remind": ("heyue.cli.remind", "remind"),
    "worker": ("heyue.cli.worker", "worker"),
    "export-labels": ("heyue.cli.export_labels", "export_labels"),
    "extract": ("heyue.cli.extract", "extract"),
    "classify": ("heyue.cli.classify", "classify"),
    "check": ("heyue.cli.check", "check"),
    "users": ("heyue.cli.users", "users"),
    "retention": ("heyue.cli.retention", "retention"),
    "stops": ("heyue.cli.stops", "stops"),
    "person": ("heyue.cli.person", "person"),
    "keys": ("heyue.cli.keys", "keys"),
    "audit": ("heyue.cli.audit", "audit"),
    "train": ("heyue.cli.train", "train"),
    "evaluate": ("heyue.cli.evaluate", "evaluate"),
    "practice": ("heyue.cli.practice", "practice"),
    "provider-sim": ("heyue.cli.provider_sim", "provider_sim"),
}
FAILED, INTERRUPTED = 1, 130


def main(words: list[str] | None = None) -> int:
    """Run the command that the words name.

    Returns:
        Exit status: 0 done, 1 refused or failed (a message on stderr says why), 2 wrong usage, 130 interrupted.
    """
    words = sys.argv[1:] if words is None else words
    try:
        outcome = app_for(words)(args=words, prog_name="heyue", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FAILED
    except HeyueError as error:
        print(f"heyue: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return outcome if isinstance(outcome, int) else 0


def app_for(words: list[str]) -> typer.Typer:
    """The command line with the one subcommand that the words name, or with all of them to show the help.

    `heyue extract` thus imports no database and no server.
    """
    app = typer.Typer(
        add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None
    )
    app.callback()(heyue)
    for name in [words[0]] if words and words[0] in COMMANDS else COMMANDS:
        module, function = COMMANDS[name]
        command = getattr(import_module(module), function)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def heyue() -> None:
    """Heyue (和约): courteous repayment reminders in Chinese, from a case file to a recorded promise."""
