"""A linear model over the character n-grams, the concepts and the meaning of a short text, or of a talk.

A talk is its turns, one a line: n-grams and runs of concepts never reach over a line's end.
Inference needs numpy only (many texts at once cost some 20 µs each, one alone 0.2 ms); heyue/understanding/linear_training.py fits it.
What varies without meaning (days, amounts, ID digits, phone numbers, names) is masked by one capital letter, so
that a model trained on "周五还三千" knows "下月8号还五百".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import add
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from heyue.errors import Broken
from heyue.understanding.concepts import CONCEPT_MARK, concept_letters, letters_of_run
from heyue.understanding.dialect import standard_text
from heyue.understanding.model_file import written_whole
from heyue.understanding.ngram_table import NgramTable, first_of_runs
from heyue.understanding.script import respelling, respelt
from heyue.understanding.word_vectors import meanings_of

Span = tuple[int, int]

LONGEST_NGRAM = 4
REMEMBERED_LINES = 20_000
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
_FOLD = respelling(",!?:;()", "，！？：；（）")


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
    return _masked("".join([*pieces, text[position:].lower()])[:TEXT_LIMIT])


@lru_cache(REMEMBERED_LINES)
def _masked(lower: str) -> str:
    """Lower-case text with D and M in it, the rest masked too."""
    plain = "".join(part if part in ("D", "M") else standard_text(part) for part in _MASKS.split(lower))
    if _DIGITS.search(plain):
        plain = _PHONE.sub("P", plain)
        plain = _ID_NUMBER.sub("I", plain)
    plain = _NAME.sub(r"\1N", plain)
    plain = _DIGITS.sub("0", plain)
    return respelt(_SPACE.sub("", plain), _FOLD)


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


def _grams(vocabulary: Sequence[str], mark: str) -> tuple[list[str], np.ndarray]:
    """The runs of letters that the tokens of a vocabulary stand for, without a mark or under it, and their rows."""
    if not mark:
        rows = [row for row, token in enumerate(vocabulary) if len(token) <= LONGEST_NGRAM]
        return [vocabulary[row] for row in rows], np.array(rows, dtype=np.int64)
    marked = [(token[1:], row) for row, token in enumerate(vocabulary) if token[0] == mark and token != mark]
    if mark == CONCEPT_MARK:
        marked = [(gram, row) for names, row in marked if (gram := letters_of_run(names)) is not None]
    return [gram for gram, _ in marked], np.array([row for _, row in marked], dtype=np.int64)


class Scales(NamedTuple):
    """How much each block counts against the n-grams."""

    concepts: float = 1.0
    flags: float = 0.5
    meaning: float = 1.5


class Blocks(NamedTuple):
    """What a model sees of a masked text. Several models can share one.

    `words`: lines whose character n-grams count. `outline`: the same lines told by a letter for each concept or word
    of a kind, whose runs count under `mark` as the first letter of a token.
    """

    words: str
    outline: str
    meaning: np.ndarray
    flags: tuple[str, ...] = ()
    mark: str = CONCEPT_MARK


def blocks_of(masked: str, flags: Iterable[str] = ()) -> Blocks:
    """The blocks of a masked text and the flags that hold for it."""
    return blocks_of_all([(masked, flags)])[0]


def blocks_of_all(texts: Sequence[tuple[str, Iterable[str]]]) -> list[Blocks]:
    """The blocks of masked texts, each with its flags."""
    meanings = meanings_of([masked for masked, _ in texts])
    return [
        Blocks(masked, concept_letters(masked), meaning, tuple(flags))
        for (masked, flags), meaning in zip(texts, meanings, strict=True)
    ]


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities of log scores, one row a text."""
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def pooled(logs: Sequence[np.ndarray], temperatures: Sequence[float]) -> np.ndarray:
    """Probabilities by several models together, one row a text: the mean of their log-probabilities (a logarithmic opinion pool:
    Genest and Zidek 1986).

    Args:
        logs: log-probabilities by each model, up to a constant a row. temperatures: what those of each are divided by.
    """
    return softmax(np.mean([each / tempered for each, tempered in zip(logs, temperatures, strict=True)], axis=0))


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
        # By label, for einsum: a product this small is no work for the threads of a linear algebra library.
        self._meaning_weights = np.ascontiguousarray(self.weights[len(self.vocabulary) :].T)
        self._flags = {token[1:]: row for row, token in enumerate(self.vocabulary) if token[0] == "#"}
        self._tables: dict[str, NgramTable] = {}

    def scores(self, blocks: Blocks) -> np.ndarray:
        """One logit a label, in the order of `labels`."""
        return np.asarray(self.scores_of_all([blocks])[0])

    def scores_of_all(self, texts: Sequence[Blocks]) -> np.ndarray:
        """One row a text, one logit a label."""
        if not texts:
            return np.zeros((0, len(self.labels)), dtype=np.float32)
        scores = self._block("", [text.words for text in texts], 1.0)
        scores += self._block(texts[0].mark, [text.outline for text in texts], self.scales.concepts)
        if self._meaning_weights.size:  # numpy 1.23's einsum over no dimension gives what lay in memory, now and then NaN
            meaning = np.array([text.meaning for text in texts])
            scores += self.scales.meaning * np.einsum("td,ld->tl", meaning, self._meaning_weights)
        scores += self.scales.flags * self._flag_scores([text.flags for text in texts])
        return np.asarray(scores + self.bias)

    def probabilities_of(self, blocks: Blocks, temperature: float = 1.0) -> np.ndarray:
        """One probability a label; a temperature above 1 makes them more even (Guo et al. 2017, calibration)."""
        return np.asarray(self.probabilities_of_all([blocks], temperature)[0])

    def probabilities_of_all(self, texts: Sequence[Blocks], temperature: float = 1.0) -> np.ndarray:
        """One row a text, one probability a label."""
        return softmax(self.scores_of_all(texts) / temperature)

    def probabilities(self, masked: str, flags: Iterable[str] = ()) -> np.ndarray:
        """One probability a label, in the order of `labels`."""
        return self.probabilities_of(blocks_of(masked, flags))

    def ranking(self, masked: str, flags: Iterable[str] = ()) -> list[tuple[str, float]]:
        """Labels with their probabilities, the likeliest first."""
        probabilities = self.probabilities(masked, flags)
        return [(self.labels[place], float(probabilities[place])) for place in np.argsort(-probabilities)]

    def _block(self, mark: str, texts: Sequence[str], scale: float) -> np.ndarray:
        """What the n-grams of one block score in each text: 1 + log of their counts, times idf, of length `scale`."""
        found = self._table(mark).counts_in(texts)
        values = (1 + np.log(found.counts)).astype(np.float32) * self.idf[found.rows]
        length = np.sqrt(np.bincount(found.texts, values * values, minlength=len(texts)))
        values *= (scale / np.maximum(length, 1e-12)).astype(np.float32)[found.texts]
        return self._summed(found.texts, found.rows, values, len(texts))

    def _flag_scores(self, flags: Sequence[Iterable[str]]) -> np.ndarray:
        known = [
            (number, row)
            for number, each in enumerate(flags)
            for flag in each
            if (row := self._flags.get(flag)) is not None
        ]
        places = np.array(known, dtype=np.int64).reshape(-1, 2)
        return self._summed(places[:, 0], places[:, 1], np.ones(len(known), np.float32), len(flags))

    def _summed(self, texts: np.ndarray, rows: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
        """The weights of `rows` times `values`, added up for each of `count` texts. `texts` is in order."""
        total = np.zeros((count, len(self.labels)), dtype=np.float32)
        firsts = first_of_runs(texts)
        if len(firsts):
            total[texts[firsts]] = np.add.reduceat(self.weights[rows] * values[:, None], firsts, axis=0)
        return total

    def _table(self, mark: str) -> NgramTable:
        """The n-grams that count, or the runs of outlines under `mark`."""
        if mark not in self._tables:
            self._tables[mark] = NgramTable(*_grams(self.vocabulary, mark))
        return self._tables[mark]

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
        with written_whole(path) as file:
            np.savez_compressed(file, **self.as_arrays())

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
