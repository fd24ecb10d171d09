"""A linear model over the character n-grams, the concepts and the meaning of a short text, or of a talk.

A talk is its turns, one a line: n-grams and runs of concepts never reach over a line's end.
Inference needs numpy and a dictionary only (about 0.15 ms a text); heyue/understanding/linear_training.py fits it.
What varies without meaning (days, amounts, ID digits, phone numbers, names) is masked by one capital letter, so
that a model trained on "周五还三千" knows "下月8号还五百".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import add
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from heyue.errors import Broken
from heyue.understanding.dialect import standard_text
from heyue.understanding.lexicon import WordList, load_data
from heyue.understanding.word_vectors import meaning_of

Span = tuple[int, int]

LONGEST_NGRAM = 4
LONGEST_CONCEPT_RUN = 3
TEXT_LIMIT = 400
FORMAT = 2
SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马苗方俞任袁柳鲍史唐费廉岑薛雷贺倪汤罗毕郝安常"
    "傅齐康伍余顾孟平黄穆萧尹姚邵汪祁毛狄贝臧戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍万柯管卢莫房解丁"
    "邓包左石崔龚程邢裴陆翁甄曲封储段焦山谷侯班仇甘厉武刘景詹龙叶黎白蒲赖卓池乔温庄晏柴阎连艾容向易廖耿匡文广欧聂曾关岳覃"
)
_PHONE = re.compile(r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dxX](?!\d)|(?<![\d.])\d{3}[\dxX](?![\dxX]|[ ]*[元块万千年月号日kw])")
_NAME = re.compile(
    rf"((?:我(?:就)?(?:是|叫)|我不(?:是|叫)|叫|姓名|名字(?:是|叫)|找|不认识|没有|是|我家|哪个|什么)(?:什么|个)?)"
    rf"([{SURNAMES}](?!什么|不|是|我|你|钱|款|的|还|人|了|个|哪)[\u4e00-\u9fff]{{1,2}})"
    r"(?=$|[,，.。!！?？~ 、]|吗|吧|啊|呀|的(?:老|爱|丈|妻|儿|女|爸|妈|同|朋|家|弟|哥|姐|妹|电|手|号)|本人|这个人|这人|是我|呢|先生|女士)"
)
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_MASKS = re.compile(r"(?<= )([DM])(?= )")
_SPACE = re.compile(r"\s+")
_FOLD = str.maketrans(",!?:;()", "，！？：；（）")


def mask(text: str, dates: Iterable[Span] = (), amounts: Iterable[Span] = ()) -> str:
    """`text` simplified, in lower case, with D, M, P, I, N, 0 for days, money, phones, ID digits, names, other numbers.

    Args:
        dates: spans in `text` of the days found there, amounts: of the amounts.
    """
    marked = [(span, "D") for span in dates] + [(span, "M") for span in amounts]
    pieces: list[str] = []
    position = 0
    for (start, end), letter in sorted(marked):
        if start >= position:
            pieces += [text[position:start].lower(), f" {letter} "]
            position = end
    plain = _masks_kept("".join([*pieces, text[position:].lower()])[:TEXT_LIMIT])
    plain = _PHONE.sub("P", plain)
    plain = _ID_NUMBER.sub("I", plain)
    plain = _NAME.sub(r"\1N", plain)
    plain = _DIGITS.sub("0", plain)
    return _SPACE.sub("", plain).translate(_FOLD)


def _masks_kept(text: str) -> str:
    """Standard words, while D and M stay capitals."""
    return "".join(part if part in ("D", "M") else standard_text(part) for part in _MASKS.split(text))


def ngrams(masked: str) -> list[str]:
    """Every run of 1 to 4 characters of each line, with ^ and $ at the ends; the shorter ones first."""
    found: list[str] = []
    for line in masked.split("\n"):
        framed = runs = [*"^", *line, "$"]
        found += runs
        for size in range(1, LONGEST_NGRAM):
            runs = list(map(add, runs, framed[size:]))
            found += runs
    return found


@cache
def _concept_of_word() -> WordList[str]:
    listed = load_data("concepts.yml")
    return WordList({word: name for name, words in listed.items() for word in words.split()})


def concepts(masked: str) -> list[str]:
    """Names of the concepts met from left to right, longest word first (data/concepts.yml)."""
    return _concept_of_word().found_in(masked)


def concept_runs(masked: str) -> list[str]:
    """Single concepts and runs of up to three of them: "@me @family", first and last one of a line marked."""
    return [
        "@" + ">".join(stream[start : start + size])
        for stream in (["^", *concepts(line), "$"] for line in masked.split("\n"))
        for size in range(1, LONGEST_CONCEPT_RUN + 1)
        for start in range(len(stream) - size + 1)
    ]


class Scales(NamedTuple):
    """How much each block counts against the n-grams."""

    concepts: float = 1.0
    flags: float = 0.5
    meaning: float = 1.5


class Blocks(NamedTuple):
    """What a model sees of a masked text. Several models can share one."""

    ngrams: list[str]
    concept_runs: list[str]
    meaning: np.ndarray
    flags: tuple[str, ...] = ()


def blocks_of(masked: str, flags: Iterable[str] = ()) -> Blocks:
    """The blocks of a masked text and the flags that hold for it."""
    return Blocks(ngrams(masked), concept_runs(masked), meaning_of(masked), tuple(flags))


class LinearText:
    """Multinomial logistic regression on length-normalised blocks (n-grams, concepts, meaning) and on flags.

    `weights`: one row a token of `vocabulary`, then one row a dimension of heyue.understanding.word_vectors.
    """

    def __init__(
        self,
        labels: Sequence[str],
        vocabulary: Sequence[str],
        idf: np.ndarray,
        weights: np.ndarray,
        bias: np.ndarray,
        scales: Scales,
    ) -> None:
        self.labels = tuple(labels)
        self.vocabulary = tuple(vocabulary)
        self.idf = idf.astype(np.float32)
        self.weights = weights.astype(np.float32)
        self.bias = bias.astype(np.float32)
        self.scales = scales
        self._index = {token: position for position, token in enumerate(self.vocabulary)}

    def scores(self, blocks: Blocks) -> np.ndarray:
        """One logit a label, in the order of `labels`."""
        scores = self.bias.copy()
        scores += self._block(blocks.ngrams, 1.0)
        scores += self._block(blocks.concept_runs, self.scales.concepts)
        scores += self.scales.meaning * (blocks.meaning @ self.weights[len(self.vocabulary) :])
        flags = [position for flag in blocks.flags if (position := self._index.get("#" + flag)) is not None]
        scores += self.scales.flags * self.weights[flags].sum(axis=0)
        return np.asarray(scores)

    def probabilities_of(self, blocks: Blocks, temperature: float = 1.0) -> np.ndarray:
        """One probability a label; a temperature above 1 makes them more even (Guo et al. 2017, calibration)."""
        scores = self.scores(blocks) / temperature
        scores = np.exp(scores - scores.max())
        return np.asarray(scores / scores.sum())

    def probabilities(self, masked: str, flags: Iterable[str] = ()) -> np.ndarray:
        """One probability a label, in the order of `labels`."""
        return self.probabilities_of(blocks_of(masked, flags))

    def ranking(self, masked: str, flags: Iterable[str] = ()) -> list[tuple[str, float]]:
        """Labels with their probabilities, the likeliest first."""
        probabilities = self.probabilities(masked, flags)
        return [(self.labels[place], float(probabilities[place])) for place in np.argsort(-probabilities)]

    def _block(self, tokens: list[str], scale: float) -> np.ndarray:
        counts = Counter(map(self._index.get, tokens))
        del counts[None]
        if not counts:
            return np.zeros(len(self.labels), dtype=np.float32)
        rows = np.fromiter(counts, dtype=np.int64, count=len(counts))
        repeats = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = (1 + np.log(repeats)) * self.idf[rows]
        return np.asarray((scale / np.sqrt(values @ values)) * values @ self.weights[rows])

    def as_arrays(self) -> Mapping[str, np.ndarray]:
        """What `save` writes: plain arrays, no pickled object."""
        return {
            "format": np.array([FORMAT]),
            "labels": np.frombuffer("\n".join(self.labels).encode(), dtype=np.uint8),
            "vocabulary": np.frombuffer("\n".join(self.vocabulary).encode(), dtype=np.uint8),
            "idf": self.idf,
            "weights": self.weights.astype(np.float16),
            "bias": self.bias,
            "scales": np.array(self.scales, dtype=np.float64),
        }

    def save(self, path: Path) -> None:
        """Write the model to one .npz file, all or nothing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".part")
        with unfinished.open("wb") as file:
            np.savez_compressed(file, **self.as_arrays())
        unfinished.replace(path)

    @staticmethod
    def load(path: Path) -> LinearText:
        """The model that `save` wrote.

        Raises:
            Broken: no such file, or not written by this version.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            if int(arrays["format"][0]) != FORMAT:
                raise ValueError("another format")
            labels, vocabulary = (
                bytes(arrays[name]).decode().split("\n") for name in ("labels", "vocabulary")
            )
            scales = Scales(*(float(scale) for scale in arrays["scales"]))
            return LinearText(labels, vocabulary, arrays["idf"], arrays["weights"], arrays["bias"], scales)
        except (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile) as error:
            raise Broken(
                f"{path} is no model of this version ({error}); train again with `make train`"
            ) from error
