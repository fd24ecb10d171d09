"""Secrets: no repr and no message shows them; the lock file leaves nothing to chance."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heyue.access.people import SignedIn, User
from heyue.access.roles import role_of
from heyue.delivery.configured import senders
from heyue.errors import HeyueError
from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.configuration import environment_of
from heyue.provider_sim.tencent import TencentSms
from heyue.provider_sim.twilio import TwilioSms
from heyue.provider_sim.wechat import OfficialAccount
from heyue.provider_sim.wecom import CustomerService
from heyue.records import OutboundMessage
from heyue.settings import Settings
from heyue.store import Keys, Store
from tests.providers.memory_state import MemoryState
from tests.texters import TEMPLATES

ROOT = Path(__file__).parents[2]
SECRET = "Zebra-Quarz-Nebel-42"
SHOWING: dict[str, Callable[[], Any]] = {
    "settings": lambda: Settings(f"postgresql://heyue:{SECRET}@db/heyue", Path(), queue_url=f"redis://:{SECRET}@q/1"),
    "a sign-in": lambda: SignedIn(User("x", "x", role_of("lead")), SECRET),
    "keys": lambda: Keys.from_data_key(SECRET.ljust(32).encode()),
    "a message": lambda: OutboundMessage("m", "c", "sms", SECRET, "reply", SECRET, parameters={"a": SECRET}),
}  # fmt: skip


@pytest.mark.parametrize("what", SHOWING)
def test_a_secret_stands_in_no_repr(what: str) -> None:
    shown = SHOWING[what]()
    assert SECRET not in f"{shown!r} {shown} {[shown]}"


@pytest.mark.parametrize("url", [f"postgresql://heyue:{SECRET}@127.0.0.1:1/heyue", f"nonsense://:{SECRET}@x/", f"redis://:{SECRET}@x"])
def test_an_address_that_cannot_be_opened_is_not_repeated(url: str) -> None:
    with pytest.raises(HeyueError) as raised:
        Store.open(url, Keys.from_data_key(bytes(32))).migrate()
    assert SECRET not in f"{raised.value!r} {raised.value}"


@pytest.mark.parametrize("stand_in", [OfficialAccount, CustomerService, AliyunSms, TencentSms, TwilioSms])
def test_no_sender_shows_its_keys(stand_in: Any, tmp_path: Path) -> None:
    provider = stand_in()
    (tmp_path / "t.yml").write_text(TEMPLATES.get(stand_in, "{}"), encoding="utf-8")
    environment = environment_of(provider, tmp_path / "t.yml", "http://127.0.0.1:9")
    shown = repr(senders(environment, MemoryState()))
    secrets = [value for name, value in environment.items() if re.search("SECRET|TOKEN|AES_KEY|KEY_SECRET", name)]
    assert secrets
    assert not [secret for secret in secrets if secret in shown]


# a name with its version, for some machines perhaps, and its hashes: no option, address or local file fits in
LOCKED = re.compile(r"[A-Za-z0-9._\[\],-]+==[^ ;]+( ; [^@:]+?)?( +--hash=sha256:[0-9a-f]{64})+ *")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_has_one_version_and_its_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) > 100
    for line in lines:
        assert LOCKED.fullmatch(line), line[:80]


def test_every_install_asks_for_the_hashes() -> None:
    setup, image = ((ROOT / name).read_text(encoding="utf-8") for name in (".ci/setup", "Dockerfile"))
    for text in (setup, image):
        for line in text.splitlines():
            if re.search(r"\bpip (install .*-[rc]|sync)\b", line):
                assert "--require-hashes" in line, line


# what bandit is told to pass over (pyproject.toml), looked at here instead

SIMULATES = ("heyue/practice/", "heyue/training/", "heyue/desk/practice_start.py", "heyue/outreach/best_hour.py")
SOURCES = [file for folder in ("heyue", "bot", "actions", "coach_ui") for file in (ROOT / folder).rglob("*.py")]


def test_who_draws_by_chance_draws_no_secret() -> None:
    drawing = [file for file in SOURCES if re.search(r"^\s*(import random|from random)", file.read_text(encoding="utf-8"), re.MULTILINE)]
    assert drawing
    for file in drawing:
        assert str(file.relative_to(ROOT)).startswith(SIMULATES), "tokens, keys and passwords come from `secrets`"


def test_yaml_is_read_by_safe_loaders() -> None:
    for file in SOURCES:
        text = file.read_text(encoding="utf-8")
        for call in re.findall(r"yaml\.(?:load|load_all|full_load|unsafe_load)\(", text):
            assert call == "yaml.load(", file
            assert 'getattr(yaml, "CSafeLoader", yaml.SafeLoader)' in text, file
