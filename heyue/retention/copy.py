"""A person's copy of what is held about him (PIPL art. 45), with Chinese labels (columns.yml, tables.yml)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from heyue.errors import Unknown
from heyue.money import yuan_from_fen
from heyue.names import name_of
from heyue.retention.policy import personal_tables

SEALED, FEN = "_sealed", "_fen"


def given_tables() -> list[str]:
    """The tables of which a borrower's copy gives the rows."""
    return [
        table for table, each in personal_tables().items()
        if each.not_given is None and each.belongs not in ("staff", "none")
    ]  # fmt: skip


def copy_of(rows: Mapping[str, Iterable[Mapping[str, Any]]], at: datetime, cases: Iterable[str]) -> dict[str, Any]:
    """The copy as JSON data. `rows`: of each given table, sealed columns opened."""
    return {
        "说明": "依据《个人信息保护法》第四十五条提供的个人信息副本",
        "提供时间": at.isoformat(),
        "案件编号": list(cases),
        "个人信息": {personal_tables()[table].name: [_labelled(table, row) for row in found] for table, found in rows.items()},
        "未提供": [
            {"类别": each.name, "原因": each.not_given} for each in personal_tables().values() if each.not_given is not None
        ],
    }  # fmt: skip


def _labelled(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        columns()["labels"][column]: _readable(table, column, value)
        for column, value in row.items()
        if column not in columns()["hidden"] and value is not None
    }


def _readable(table: str, column: str, value: Any) -> Any:
    if column.endswith(FEN):
        return yuan_from_fen(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    kind = columns()["named"].get(f"{table}.{column}") or columns()["named"].get(column)
    try:
        return name_of(kind, value) if kind else _parsed(value)
    except Unknown:
        return value


def _parsed(value: Any) -> Any:
    """JSON texts as what they say."""
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


@cache
def columns() -> dict[str, Any]:
    """columns.yml."""
    found: dict[str, Any] = yaml.safe_load((files("heyue.retention") / "columns.yml").read_text(encoding="utf-8"))
    return found
