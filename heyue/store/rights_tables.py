"""The tables of what the law asks of a store: whole audit chains, keys that change, legal holds, requests of persons."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from heyue.store.tables import Instant, Key, metadata

audit_chains = Table(  # where each chain of audit_events ends; positions never go back (migration 0008)
    "audit_chains", metadata,
    Column("chain", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("head_hash", LargeBinary(32), nullable=False),
    Column("archived_position", BigInteger, nullable=False, server_default="0"),
    Column("archived_hash", LargeBinary(32), nullable=False),
)  # fmt: skip

data_keys = Table(  # the keys that have sealed since the first one, by their number
    "data_keys", metadata,
    Column("key_id", Integer, primary_key=True, autoincrement=False),
    Column("begun_at", Instant, nullable=False),  # from then on it seals
    Column("done_at", Instant),  # nothing is sealed with an older one
    Column("look_up_sealed", LargeBinary, nullable=False),  # the look-up keys before it (heyue.store.keys)
)  # fmt: skip

legal_holds = Table(  # a case that must not be deleted while somebody says so; outlives the case number's case
    "legal_holds", metadata,
    Column("hold_id", Key, primary_key=True),
    Column("case_id", String(64), nullable=False, index=True),
    Column("why_sealed", LargeBinary, nullable=False),
    Column("set_by", String(64), nullable=False),
    Column("set_at", Instant, nullable=False),
    Column("lifted_by", String(64)),
    Column("lifted_at", Instant),
    Column("lifted_why_sealed", LargeBinary),
)  # fmt: skip

person_requests = Table(  # the proof of a person's request and its answer, without their content
    "person_requests", metadata,
    Column("request_id", Key, primary_key=True),
    Column("kind", String(8), nullable=False),  # export, correct, erase
    Column("at", Instant, nullable=False, index=True),
    Column("operator", String(64), nullable=False),
    Column("address_hash", LargeBinary(32)),  # of the phone number or openid that was asked by
    Column("answer", Text, nullable=False),  # JSON: cases, what was done, what is kept and until when
    Index("ix_person_requests_address_hash", "address_hash"),
)  # fmt: skip
