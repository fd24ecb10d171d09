"""`heyue case CASE_ID`: one case as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import typer

from heyue.cli.operating import account
from heyue.cli.options import Database
from heyue.desk.case_view import case_view
from heyue.policy import load_policy
from heyue.settings import ZONE, Settings
from heyue.store import open_store


def case(case_id: Annotated[str, typer.Argument(help="The case number")], database: Database = None) -> None:
    """Show one case: its fields, promises, contacts and messages. The look is audited."""
    settings = Settings.from_environment(database)
    now = datetime.now(ZONE)
    with open_store(settings).transaction() as tx:
        view = case_view(tx, case_id, now, load_policy(settings.policy_path))
        tx.audit("case_viewed", now, case_id=case_id, actor=account())
    print(json.dumps(view, ensure_ascii=False, indent=2))
