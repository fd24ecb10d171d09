"""Checks of the machine and the configuration: policies, key, models, clock, fonts, Java."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import subprocess
import time
from datetime import datetime
from pathlib import Path

from heyue.conduct.contact_policy import load_contact_policy
from heyue.delivery.configured import senders
from heyue.desk.provider_state import SharedState
from heyue.launch.checkup.finding import NOT_NEEDED, Bad
from heyue.outreach.policy import load_outreach_policy
from heyue.policy import load_policy
from heyue.retention.policy import load_retention_policy
from heyue.settings import Settings
from heyue.store import Keys, Store
from heyue.store.key_ring import FILE as KEY_FILE
from heyue.store.key_ring import KEY_BYTES, KEY_VARIABLE

PACKAGE = Path(__file__).parents[2]
BOT_MODEL = PACKAGE.parent / "bot/models/heyue.tar.gz"
LEAST_FREE_GB = 1.0
PROGRAM_SECONDS = 10


def configuration(settings: Settings, now: datetime) -> str:
    """Policies can be read, and no provider is half configured."""
    load_policy(settings.policy_path)
    load_contact_policy(settings.contact_gate_path)
    load_outreach_policy(settings.outreach_path)
    load_retention_policy(settings.retention_path)
    nowhere = Store.open("sqlite://", Keys.from_data_key(bytes(KEY_BYTES)))
    channels = sorted(senders(os.environ, SharedState(nowhere, lambda: now)))
    return f"渠道：{'、'.join(channels) or '未配置外发渠道'}"


def folder(settings: Settings, now: datetime) -> str:
    """The data folder can be written to and has room."""
    here = settings.data_folder
    existing = next(each for each in (here, *here.parents) if each.exists())
    if not os.access(existing, os.W_OK):
        raise Bad(f"{here} 不可写", "rights", folder=here)
    free = shutil.disk_usage(existing).free / 1e9
    if free < LEAST_FREE_GB:
        raise Bad(f"{here} 只剩 {free:.1f} GB", "full", folder=here)
    return f"{here}，剩余 {free:.0f} GB"


def key(settings: Settings, now: datetime) -> str:
    """There is a data key, and nobody else reads its file."""
    if os.environ.get(KEY_VARIABLE):
        Keys.from_environment(settings.data_folder, may_make=False)
        return f"取自环境变量 {KEY_VARIABLE}"
    file = settings.data_folder / KEY_FILE
    if not file.exists():
        raise Bad(f"没有 {KEY_VARIABLE}，也没有 {file}", "missing")
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise Bad(f"{file} 别人也能读", "rights", file=file)
    Keys.from_environment(settings.data_folder, may_make=False)
    return str(file)


def models(settings: Settings, now: datetime) -> str:
    """All models have been trained."""
    from heyue.training.models import MODELS  # takes a second

    files = [*(each.file for each in MODELS), BOT_MODEL]
    missing = [each.name for each in files if not each.exists()]
    if missing:
        raise Bad(f"缺少 {'、'.join(missing)}")
    return f"{len(files)} 个模型齐全"


def clock(settings: Settings, now: datetime) -> str:
    """The clock is not behind what this program is made of."""
    newest = max(each.stat().st_mtime for each in PACKAGE.glob("**/*.py"))
    if now.timestamp() < newest - 60:
        raise Bad(f"现在是 {now:%Y-%m-%d %H:%M}，早于程序文件的时间")
    return f"{now:%Y-%m-%d %H:%M:%S}（上海时间），本机时区 {time.tzname[0]}"


def fonts(settings: Settings, now: datetime) -> str:
    """A font for Chinese is there, for charts and printed pages."""
    found = shutil.which("fc-list")
    if found is None:
        raise Bad("没有 fc-list 命令", "tool")
    listed = _said(found, ":lang=zh-cn", "family")
    if not listed.strip():
        raise Bad("没有中文字体")
    return listed.splitlines()[0].split(",")[0]


def java(settings: Settings, now: datetime) -> str:
    """Java for Spark, where that is installed."""
    if importlib.util.find_spec("pyspark") is None:
        return NOT_NEEDED
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin" if home else None)
    if found is None:
        raise Bad("装了 pyspark，没有 Java")
    return next(iter(_said(found, "-version").splitlines()), found)


def _said(*words: str) -> str:
    try:
        done = subprocess.run(  # a command of ours, without a shell  # nosec B603
            words, capture_output=True, text=True, check=False, timeout=PROGRAM_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Bad(f"{words[0]} 不能运行，或 {PROGRAM_SECONDS} 秒内没有结束") from error
    return done.stdout + done.stderr


CHECKS = {
    "configuration": configuration, "folder": folder, "key": key, "models": models, "clock": clock, "fonts": fonts,
    "java": java,
}  # fmt: skip
