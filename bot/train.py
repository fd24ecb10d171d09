"""`python -m bot.train`: train all models that the bot needs, or nothing when nothing has changed since.

Builds the models that read texts (heyue/training/models.py) and bot/models/heyue.tar.gz from nlu_data, bot/config.yml
and bot/domain.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from heyue.errors import HeyueError
from heyue.training.models import MODELS, train_models

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "nlu_data"
CONFIG = ROOT / "bot" / "config.yml"
DOMAIN = ROOT / "bot" / "domain"
BOT_MODEL = ROOT / "bot" / "models" / "heyue.tar.gz"
STAMP = ROOT / "bot" / "models" / "trained_from.sha256"
READER_MODELS = tuple(model.file for model in MODELS)
INPUTS = (
    "nlu_data/**/*.yml",
    "nlu_data/messages/*.jsonl",
    "nlu_data/types/*.jsonl",
    "nlu_data/lines/*.jsonl",
    "nlu_data/moves/*.jsonl",
    "bot/config.yml",
    "bot/domain/**/*.yml",
    "bot/components/*.py",
    "bot/train.py",
    *(
        f"heyue/{package}/**/*.{kind}"
        for package in ("understanding", "coaching", "conduct", "training")
        for kind in ("py", "yml", "jsonl")
    ),
    "heyue/practice/move*.*",
    "heyue/understanding/data/*.npz",
    "requirements.lock",
)


def inputs() -> Iterator[Path]:
    """Every file that the models are made from, in a fixed order."""
    yield from sorted({path for pattern in INPUTS for path in ROOT.glob(pattern)})


def stamp_of_inputs() -> str:
    """One hash over the names and contents of all inputs."""
    digest = hashlib.sha256()
    for path in inputs():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_up_to_date(stamp: str) -> bool:
    """Whether all models stand and were trained from exactly these inputs."""
    built = all(file.is_file() for file in (BOT_MODEL, STAMP, *READER_MODELS))
    return built and STAMP.read_text(encoding="utf-8").strip() == stamp


def train_reader_models() -> None:
    """What reads texts, first: the reader in Rasa's pipeline reads with it."""
    train_models(DATA)


def train_bot_model() -> None:
    """Rasa's archive: domain, rules, stories and our intent model."""
    # Rasa's own cache compares our component's class only, not the modules it calls: train anew each time.
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # Rasa's name for it; also silences its progress bars
    import skops.io  # noqa: F401  before TensorFlow, else its import walks all of TensorFlow (10 s)
    from rasa.model_training import train
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)  # else every rule prints a dozen debug lines
    unfinished = BOT_MODEL.parent / "unfinished"
    result = train(
        domain=str(DOMAIN),
        config=str(CONFIG),
        training_files=[str(DATA / part) for part in ("nlu", "rules", "stories")],
        output=str(unfinished),
        fixed_model_name=BOT_MODEL.name,
        force_training=True,
    )
    if result.code != 0 or not result.model:
        raise HeyueError(f"Rasa did not finish training (code {result.code}); its messages above tell why")
    Path(result.model).replace(BOT_MODEL)
    unfinished.rmdir()


def train_all(force: bool = False) -> bool:
    """Train what is out of date.

    Returns:
        Whether anything was trained.
    """
    stamp = stamp_of_inputs()
    if not force and is_up_to_date(stamp):
        return False
    STAMP.unlink(missing_ok=True)
    for what, train_one in (("readers", train_reader_models), ("bot", train_bot_model)):
        begun = time.perf_counter()
        print(f"training {what} …", flush=True)
        train_one()
        print(f"trained {what} in {time.perf_counter() - begun:.1f} s", flush=True)
    STAMP.write_text(stamp + "\n", encoding="utf-8")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description="Train all models that the bot needs.")
    parser.add_argument("--force", action="store_true", help="train even if nothing has changed")
    arguments = parser.parse_args()
    try:
        if not train_all(arguments.force):
            print("models are up to date")
    except HeyueError as error:
        print(f"training failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
