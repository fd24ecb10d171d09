"""The audit log becomes a chain that nobody rewrites; restricted cases, legal holds, requests of persons, changing keys."""

import json
from datetime import timezone

import sqlalchemy as sa
from alembic import context, op

from heyue.access.audit_chain import GENESIS, SAID, chained

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHAINS = 8  # writers of PostgreSQL that need not wait for each other (heyue.store.audit_queries)
BATCH = 1_000

LOG = sa.table(
    "audit_events",
    sa.column("event_id", sa.BigInteger), sa.column("at", sa.DateTime), *(sa.column(name) for name in SAID),
    sa.column("chain"), sa.column("position"), sa.column("previous_hash", sa.LargeBinary),
    sa.column("entry_hash", sa.LargeBinary),
)  # fmt: skip
TALKS = sa.table("conversations", sa.column("conversation_id"), sa.column("note_sealed", sa.LargeBinary))
HEADS = sa.table(
    "audit_chains", sa.column("chain"), sa.column("position"), sa.column("head_hash", sa.LargeBinary),
    sa.column("archived_hash", sa.LargeBinary),
)  # fmt: skip

REFUSED = "the audit log is only added to"
SQLITE_GUARDS = (
    f"CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    f"""CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
        WHEN OLD.position > (SELECT archived_position FROM audit_chains WHERE chain = OLD.chain)
        BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",  # our own words alone  # nosec B608
    f"CREATE TRIGGER audit_chains_no_delete BEFORE DELETE ON audit_chains BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    f"""CREATE TRIGGER audit_chains_only_forward BEFORE UPDATE ON audit_chains
        WHEN NEW.chain <> OLD.chain OR NEW.position < OLD.position OR NEW.archived_position < OLD.archived_position
            OR NEW.archived_position > NEW.position
        BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END""",
)
POSTGRES_GUARDS = (
    f"""CREATE FUNCTION heyue_audit_events_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND OLD.position <= (SELECT archived_position FROM audit_chains WHERE chain = OLD.chain)
            THEN RETURN OLD; END IF;
            RAISE EXCEPTION '{REFUSED}';
        END $$""",  # our own words alone  # nosec B608
    f"""CREATE FUNCTION heyue_audit_chains_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND NEW.chain = OLD.chain AND NEW.position >= OLD.position
                AND NEW.archived_position >= OLD.archived_position AND NEW.archived_position <= NEW.position
            THEN RETURN NEW; END IF;
            RAISE EXCEPTION '{REFUSED}';
        END $$""",
    *(
        f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION heyue_{table}_guard()"
        for table in ("audit_events", "audit_chains")
    ),
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION heyue_{table}_guard()"
        for table in ("audit_events", "audit_chains")
    ),
)


def upgrade() -> None:
    with op.batch_alter_table("cases") as batch_op:
        batch_op.add_column(sa.Column("restricted_at", sa.DateTime(), nullable=True))
    with op.batch_alter_table("conversations") as batch_op:
        batch_op.add_column(sa.Column("note_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("restricted_at", sa.DateTime(), nullable=True))
    _new_tables()
    with op.batch_alter_table("audit_events") as batch_op:
        batch_op.add_column(sa.Column("chain", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("position", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("previous_hash", sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column("entry_hash", sa.LargeBinary(length=32), nullable=True))
    connection = op.get_bind()
    _seal_notes(connection)
    _chain_what_is_there(connection)
    with op.batch_alter_table("audit_events") as batch_op:
        for name, kind in (
            ("chain", sa.Integer()), ("position", sa.BigInteger()), ("previous_hash", sa.LargeBinary(length=32)),
            ("entry_hash", sa.LargeBinary(length=32)),
        ):  # fmt: skip
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_audit_events_chain_position"), ["chain", "position"])
    for guard in POSTGRES_GUARDS if connection.dialect.name == "postgresql" else SQLITE_GUARDS:
        connection.exec_driver_sql(guard)


def _seal_notes(connection: sa.engine.Connection) -> None:
    """Notes are free text: they go to where they can be deleted again, the last one of each conversation."""
    noted = sa.and_(LOG.c.event.in_(("holder_bot", "holder_handing_over", "holder_human")), LOG.c.details.isnot(None))
    query = sa.select(LOG.c.conversation_id, LOG.c.details).where(noted).order_by(LOG.c.event_id)
    notes = {here: json.loads(details)["note"] for here, details in connection.execute(query)}
    for here, note in notes.items():
        sealed = context.config.attributes["keys"].seal(note)
        connection.execute(sa.update(TALKS).where(TALKS.c.conversation_id == here).values(note_sealed=sealed))
    connection.execute(sa.update(LOG).where(noted).values(details=None))


def _chain_what_is_there(connection: sa.engine.Connection) -> None:
    """The entries so far, in their order, are the beginning of the first chain."""
    position, head, last = 0, GENESIS, 0
    read = sa.select(LOG.c.event_id, LOG.c.at, *(LOG.c[name] for name in SAID)).order_by(LOG.c.event_id).limit(BATCH)
    names = ("chain", "position", "previous_hash", "entry_hash")
    write = (
        sa.update(LOG)
        .where(LOG.c.event_id == sa.bindparam("here"))
        .values({name: sa.bindparam(f"new_{name}") for name in names})
    )
    while rows := connection.execute(read.where(LOG.c.event_id > last)).mappings().all():
        said = [{**row, "at": row["at"].replace(tzinfo=timezone.utc)} for row in rows]
        linked = list(chained(said, 1, position, head))
        connection.execute(
            write, [{"here": each["event_id"], **{f"new_{name}": each[name] for name in names}} for each in linked]
        )
        position, head, last = linked[-1]["position"], linked[-1]["entry_hash"], linked[-1]["event_id"]
    heads = [(1, position, head), *((chain, 0, GENESIS) for chain in range(2, CHAINS + 1))]
    connection.execute(
        sa.insert(HEADS),
        [{"chain": chain, "position": at, "head_hash": end, "archived_hash": GENESIS} for chain, at, end in heads],
    )


def _new_tables() -> None:
    op.create_table(
        "audit_chains",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("archived_position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("archived_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_chains")),
    )
    op.create_table(
        "data_keys",
        sa.Column("key_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("look_up_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_data_keys")),
    )
    op.create_table(
        "legal_holds",
        sa.Column("hold_id", KEY, nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("why_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_at", sa.DateTime(), nullable=False),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("lifted_at", sa.DateTime(), nullable=True),
        sa.Column("lifted_why_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_legal_holds")),
    )
    op.create_index(op.f("ix_legal_holds_case_id"), "legal_holds", ["case_id"])
    op.create_table(
        "person_requests",
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("operator", sa.String(length=64), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_person_requests")),
    )
    for column in ("at", "address_hash"):
        op.create_index(op.f(f"ix_person_requests_{column}"), "person_requests", [column])
