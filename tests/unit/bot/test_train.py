"""Training is skipped exactly when nothing that it depends on has changed."""

from pathlib import Path

import pytest

from bot import train

INPUTS = (
    "nlu_data/nlu/a.yml", "nlu_data/messages/a.jsonl", "nlu_data/types/a.jsonl", "nlu_data/lines/a.jsonl",
    "nlu_data/moves/a.jsonl", "heyue/practice/moves.py", "heyue/practice/move_cues.yml",
    "bot/config.yml", "bot/domain/x.yml", "heyue/understanding/reasons.py", "heyue/understanding/data/reasons.yml",
    "heyue/coaching/reading.py", "heyue/coaching/behaviour.yml", "heyue/conduct/line_check.py",
    "heyue/conduct/line_cues.yml", "heyue/training/models.py",
)  # fmt: skip


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small product folder in which training only writes two model files."""
    for name in (*INPUTS, "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    models = tmp_path / "bot" / "models"
    models.mkdir()
    monkeypatch.setattr(train, "ROOT", tmp_path)
    monkeypatch.setattr(train, "BOT_MODEL", models / "heyue.tar.gz")
    monkeypatch.setattr(train, "READER_MODELS", (models / "reasons.npz",))
    monkeypatch.setattr(train, "STAMP", models / "stamp")
    monkeypatch.setattr(train, "train_reader_models", lambda: train.READER_MODELS[0].write_text("r"))
    monkeypatch.setattr(train, "train_bot_model", lambda: train.BOT_MODEL.write_text("b"))
    return tmp_path


def test_trains_once(product: Path) -> None:
    assert train.train_all()
    assert not train.train_all()
    assert train.train_all(force=True)


@pytest.mark.parametrize("changed", [*INPUTS, "nlu_data/nlu/new.yml", "nlu_data/types/new.jsonl"])
def test_any_input_counts(product: Path, changed: str) -> None:
    train.train_all()
    (product / changed).write_text("something else", encoding="utf-8")
    assert train.train_all()


def test_other_files_do_not_count(product: Path) -> None:
    train.train_all()
    (product / "notes.txt").write_text("something else", encoding="utf-8")
    assert not train.train_all()


@pytest.mark.parametrize("lost", ["heyue.tar.gz", "reasons.npz", "stamp"])
def test_a_lost_model_is_trained_again(product: Path, lost: str) -> None:
    train.train_all()
    (product / "bot" / "models" / lost).unlink()
    assert train.train_all()


def test_a_failure_leaves_no_stamp(product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train.train_all()
    (product / "bot" / "config.yml").write_text("other", encoding="utf-8")
    monkeypatch.setattr(train, "train_bot_model", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train.train_all()
    monkeypatch.setattr(train, "train_bot_model", lambda: train.BOT_MODEL.write_text("b"))
    assert train.train_all()
