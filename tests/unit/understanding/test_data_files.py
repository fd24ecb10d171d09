"""No name stands twice in a data file: the later would silently take the place of the earlier."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from heyue import understanding

FILES = sorted((Path(understanding.__file__).parent / "data").glob("*.yml"))


def repeated(node: yaml.Node) -> list[str]:
    """The keys that a mapping of the file has twice, at any depth."""
    if isinstance(node, yaml.SequenceNode):
        return [key for each in node.value for key in repeated(each)]
    if not isinstance(node, yaml.MappingNode):
        return []
    keys = Counter(key.value for key, _ in node.value)
    return [key for key, count in keys.items() if count > 1] + [key for _, each in node.value for key in repeated(each)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_name_stands_twice(path: Path) -> None:
    node = yaml.compose(path.read_text(encoding="utf-8"))
    assert node is not None
    assert repeated(node) == []


def test_a_name_that_stands_twice_is_found() -> None:
    node = yaml.compose("a: 1\nb: {c: 1, c: 2}\na: 2\n")
    assert node is not None
    assert repeated(node) == ["a", "c"]
