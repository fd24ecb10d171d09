"""Which parts the product has on one machine, and the order in which it comes up."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine.url import make_url

from heyue.desk import Desk
from heyue.errors import BadInput, Broken
from heyue.launch.demonstration import USERS_FILE, add_demonstration_users, load_demonstration
from heyue.launch.demonstration_talks import load_demonstration_talks
from heyue.launch.part import HOST, Part, refuse_taken_port
from heyue.launch.probe import probe
from heyue.launch.supervisor import StopRequested, Supervisor
from heyue.policy import load_policy
from heyue.settings import ZONE, Settings
from heyue.store import Store, open_store
from heyue.watch.exposition import FOLDER_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
QUIET = {  # chatter, telemetry and deprecations of our dependencies
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True)
class Plan:
    """What to start. `action_server`: the actions in a server of their own instead of in Rasa's process."""

    bot_port: int = 5005
    coach_port: int = 8501
    actions_port: int = 5055
    action_server: bool = False
    demonstration: bool = True
    wait_seconds: float = 120.0


def parts_of(plan: Plan) -> list[Part]:
    """The parts in the order of starting."""
    python = sys.executable
    endpoints = "endpoints.action_server.yml" if plan.action_server else "endpoints.yml"
    serve = (python, "-m", "bot.serve", "--port", str(plan.bot_port), "--endpoints", str(ROOT / "bot" / endpoints))
    screens = (
        python, "-m", "streamlit", "run", "coach_ui/app.py", "--server.port", str(plan.coach_port),
        "--server.address", HOST,
    )  # fmt: skip
    actions = (python, "-m", "actions", "--port", str(plan.actions_port))
    parts = [
        Part("bot", serve, plan.bot_port, "/webhooks/rest/", "--port"),
        Part("coach", screens, plan.coach_port, "/_stcore/health", "--coach-port"),
        Part("reader", (python, "-m", "heyue.cli", "read-talks", "--follow")),
        Part("worker", (python, "-m", "heyue.cli", "worker")),
    ]
    if plan.action_server:
        parts.insert(0, Part("action server", actions, plan.actions_port, "/health", "--actions-port"))
    return parts


def environment_of(plan: Plan, settings: Settings) -> dict[str, str]:
    """The environment of every part: the same store and data folder for all of them."""
    environment = {**os.environ, **QUIET}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # without bytecode Rasa needs 20 s more to start
    environment["HEYUE_DATABASE_URL"] = settings.database_url
    environment["HEYUE_DATA_FOLDER"] = str(settings.data_folder.absolute())
    environment["HEYUE_BOT_URL"] = f"http://{HOST}:{plan.bot_port}"
    environment["HEYUE_ACTIONS_URL"] = f"http://{HOST}:{plan.actions_port}/webhook"
    return environment


def figures_folder(settings: Settings) -> Path:
    """An empty folder in which the parts keep their figures, so that the bot's /metrics shows those of all of them."""
    folder = settings.data_folder.absolute() / "figures"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def shared_store(settings: Settings) -> Settings:
    """The settings with a database that every part finds, whatever folder it runs in.

    Raises:
        BadInput: a database that lives inside one process.
    """
    scheme, _, path = settings.database_url.partition(":///")
    if not scheme.startswith("sqlite"):
        return settings
    if path in ("", ":memory:"):
        raise BadInput("the parts of Heyue are several processes: they cannot share a database in memory")
    return replace(settings, database_url=f"{scheme}:///{Path(path).absolute()}")


def run_product(plan: Plan, settings: Settings, say: Callable[[str], None], clock: Callable[[], datetime]) -> None:
    """Bring everything up, watch it, and return when somebody asks us to stop.

    Raises:
        BadInput, PortTaken: it cannot be started so. PartFailed, ProbeFailed, StoreUnavailable: something broke.
    """
    if not (ROOT / "bot" / "serve.py").is_file():
        raise Broken(f"`heyue run` needs the source tree, and {ROOT} is none: install by `make setup` in a clone")
    settings = shared_store(settings)
    parts = parts_of(plan)
    for part in parts:  # before any long work
        refuse_taken_port(part)
    environment = environment_of(plan, settings) | {FOLDER_VARIABLE: str(figures_folder(settings))}
    with Supervisor(ROOT, environment, settings.data_folder / "logs") as supervisor:
        try:
            bring_up(supervisor, parts, plan, settings, say, clock)
            supervisor.watch()
        except StopRequested:
            pass
        say("stopping …")
    say("stopped")


def bring_up(
    supervisor: Supervisor, parts: list[Part], plan: Plan, settings: Settings, say: Callable[[str], None],
    clock: Callable[[], datetime],
) -> None:  # fmt: skip
    """Train if need be, prepare the store, start the parts, and prove that a message travels through all of them."""
    supervisor.run_to_end([sys.executable, "-m", "bot.train"], "training")
    store = open_store(settings)
    try:
        prepare_store(store, plan, settings, say, clock().astimezone(ZONE))
        say("starting " + ", ".join(part.name for part in parts) + " …")
        supervisor.start(parts)
        supervisor.wait_until_all_answer(plan.wait_seconds)
        probe(store, _part(parts, "bot").url, clock().astimezone(ZONE))
        say(welcome(parts, settings, store))
    finally:
        store.close()


def prepare_store(
    store: Store, plan: Plan, settings: Settings, say: Callable[[str], None], now: datetime
) -> None:
    """Load the demonstration cases on the first start, and make the coach's demonstration users."""
    if not plan.demonstration:
        return
    case_file = load_demonstration(store, ROOT / "bot/demo/cases.csv", settings.data_folder, now.date())
    if case_file:
        say(f"the store was empty: took in the demonstration cases, {case_file}")
    desk = Desk(store, load_policy(settings.policy_path))
    if case_file:
        count = load_demonstration_talks(desk, ROOT / "bot/demo/talks.csv", ROOT / "nlu_data", now)
        say(f"took in {count} invented talks of collectors with borrowers, for review and figures")
    if users_file := add_demonstration_users(desk, settings.data_folder, now):
        say(f"made users of the coach, each with its own password:\n{users_file.read_text(encoding='utf-8')}")


def welcome(parts: list[Part], settings: Settings, store: Store) -> str:
    """What listens where, and what to try next."""
    with store.reading() as tx:
        first, is_trial = tx.first_case_id(), tx.has_demonstration_cases()
    bot = _part(parts, "bot")
    other_bot = "" if bot.url == Settings.bot_url else f" --bot {bot.url}"
    other_store = "" if _is_default(settings) else f" --database '{make_url(settings.database_url)!r}'"
    paths = {"bot": "/webhooks/rest/webhook", "action server": "/webhook", "coach": "/"}
    lines = ["", "Heyue is up: a test message went through the bot into the store and was answered.", ""]
    lines += [f"  {part.name:<14} {part.url}{paths[part.name]}" for part in parts if part.port]
    lines += [
        f"  {'store':<14} {make_url(settings.database_url)!r}",
        f"  {'logs':<14} {settings.data_folder / 'logs'}",
        *sign_in_hint(settings, store),
    ]
    if is_trial:
        lines.append(
            f"  {'first':<14} {_part(parts, 'coach').url}/try_it: play a borrower, no sign-in needed"
        )
    lines += ["", "Try next, in another terminal:"]
    if first:
        lines += [
            f"  .venv/bin/heyue chat {first}{other_bot}{other_store}",
            f"  .venv/bin/heyue case {first}{other_store}",
        ]
    return "\n".join([*lines, f"  .venv/bin/heyue import FILE{other_store}", "Ctrl-C stops everything."])


def sign_in_hint(settings: Settings, store: Store) -> list[str]:
    """With which users one signs in to the coach, or how to make one."""
    users_file = settings.data_folder / USERS_FILE
    if users_file.is_file():
        return [f"  {'users':<14} {users_file}: sign in to the coach as one of them"]
    with store.reading() as tx:
        if tx.users():
            return []
    return [f"  {'users':<14} none yet: .venv/bin/heyue users add LOGIN --name NAME --role admin"]


def _is_default(settings: Settings) -> bool:
    """Whether the other commands find this store by themselves."""
    return shared_store(Settings.from_environment()).database_url == settings.database_url


def _part(parts: list[Part], name: str) -> Part:
    return next(part for part in parts if part.name == name)
