"""Standard words for dialect and chat wordings, so that the models need to know each thing once only."""

from __future__ import annotations

from functools import cache

from heyue.understanding.lexicon import WordList, load_data
from heyue.understanding.script import CANTONESE, is_usual, simplify


class _Script(dict[int, str]):
    """As `simplify`, but Cantonese characters stay, for "唔好" is 不要 and not 不好."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if character in CANTONESE else simplify(character)
        return self[code]


_SCRIPT = _Script()


@cache
def _words() -> WordList[str]:
    listed = " ".join(load_data("dialects.yml").values()).split()
    simplified = dict(entry.split(":", 1) for entry in listed)
    return WordList({**{word.replace("系", "係"): meant for word, meant in simplified.items()}, **simplified})


def standard_text(text: str) -> str:
    """`text` simplified, in lower case, dialect words replaced: "佢未出糧" -> "他未发工资"."""
    usual = is_usual(text)
    plain = (simplify(text) if usual else text.translate(_SCRIPT)).lower()
    pieces: list[str] = []
    done = 0
    for start, stop, meant in _words().places_in(plain):
        if not _inside_latin(plain, start, stop - start):
            pieces += [plain[done:start], meant]
            done = stop
    if usual and not pieces:
        return plain
    return simplify("".join([*pieces, plain[done:]]))


def _inside_latin(plain: str, position: int, size: int) -> bool:
    """A Latin word counts only as a whole: no "hi" in "think"."""
    before, after = plain[position - 1 : position], plain[position + size : position + size + 1]
    word = plain[position : position + size]
    return word.isascii() and any(edge.isascii() and edge.isalnum() for edge in (before, after))
