"""Keys: sealing, look-up hashes, and where the data key comes from."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest

from heyue.errors import BadInput, SealBroken, StoreUnavailable
from heyue.store.keys import KEY_BYTES, KEY_VARIABLE, Keys, plain_address
from tests.racers import race

DATA_KEY = bytes(range(KEY_BYTES))
KEYS = Keys.from_data_key(DATA_KEY)


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.mark.parametrize("plain", ["", "赵明远", "13800138000", "𠮷野家😀", "周五还两千\n" * 2000])
def test_what_was_sealed_opens_again(plain: str) -> None:
    assert KEYS.open(KEYS.seal(plain)) == plain


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert len({KEYS.seal("赵明远") for _ in range(100)}) == 100


def test_another_key_opens_nothing() -> None:
    with pytest.raises(SealBroken, match=KEY_VARIABLE):
        Keys.from_data_key(bytes(KEY_BYTES)).open(KEYS.seal("赵明远"))


@pytest.mark.parametrize("place", [1, 12, 13, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    sealed = bytearray(KEYS.seal("赵明远"))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        KEYS.open(bytes(sealed))


@pytest.mark.parametrize("length", [0, 1, 5, 20])
def test_a_truncated_value_is_noticed(length: int) -> None:
    with pytest.raises(SealBroken):
        KEYS.open(KEYS.seal("赵明远")[:length])


def test_no_key_stands_in_the_repr() -> None:
    assert repr(KEYS) == "Keys()"


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("13800138000", "13800138000"),
        ("+8613800138000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("0086-138-0013-8000", "13800138000"),
        ("8613800138000", "13800138000"),
        (" 138-0013-8000 ", "13800138000"),
        ("(138)00138000", "13800138000"),
        ("（138）00138000", "13800138000"),
        ("138\u00a00013\u30008000", "13800138000"),
        ("010-87654321", "01087654321"),
        ("+44 20 7946 0958", "+442079460958"),
        (" oZx-1 23 ", "oZx-1 23"),
        ("wxid_(8)", "wxid_(8)"),
    ],
)
def test_one_form_for_each_address(written: str, plain: str) -> None:
    assert plain_address(written) == plain
    assert KEYS.address_hash(written) == KEYS.address_hash(plain)


def test_hashes_differ_by_address_and_by_key() -> None:
    other = Keys.from_data_key(bytes(KEY_BYTES))
    hashes = {
        KEYS.address_hash("13800138000"),
        KEYS.address_hash("13800138001"),
        other.address_hash("13800138000"),
    }
    assert len(hashes) == 3
    assert all(b"138" not in each for each in hashes)


def test_the_first_start_makes_a_key_file_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    before = os.umask(0)  # a lax umask must not matter
    try:
        keys = Keys.from_environment(folder)
    finally:
        os.umask(before)
    file = folder / "data.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in folder.iterdir()] == ["data.key"]
    assert len(base64.b64decode(file.read_text(), validate=True)) == KEY_BYTES
    assert Keys.from_environment(folder).open(keys.seal("赵明远")) == "赵明远"


def test_the_environment_goes_before_the_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(DATA_KEY).decode())
    assert Keys.from_environment(tmp_path).open(KEYS.seal("赵明远")) == "赵明远"
    assert not (tmp_path / "data.key").exists()


@pytest.mark.parametrize("bad", ["赵", "short", "!" * 44, base64.b64encode(bytes(31)).decode()])
def test_a_bad_key_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, bad)
    with pytest.raises(BadInput, match=r"openssl rand -base64 32") as refused:
        Keys.from_environment(tmp_path)
    assert bad not in str(refused.value)  # a key, even a wrong one, is nobody's to read


@pytest.mark.parametrize(
    "content", ["", "6e6f742062617365", "e8b5b5", "fffe00"], ids=["empty", "text", "hanzi", "bytes"]
)
def test_a_damaged_key_file_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    file = tmp_path / "data.key"
    file.write_bytes(bytes.fromhex(content))
    with pytest.raises((BadInput, StoreUnavailable), match=r"data\.key"):
        Keys.from_environment(tmp_path)
    assert file.read_bytes() == bytes.fromhex(content)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(StoreUnavailable, match="taken"):
        Keys.from_environment(tmp_path / "taken")


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    deed = 'print(*[Keys.from_environment(Path(sys.argv[1], str(i))).address_hash("1").hex() for i in range(50)])'
    first, *others = race(
        "from pathlib import Path\nfrom heyue.store.keys import Keys", deed, str(tmp_path), racers=3
    )
    assert len(set(first)) == 50
    assert others == [first, first]
