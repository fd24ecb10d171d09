"""Alembic's entry: run the migrations on the connection that the store hands over, or write them as SQL for PostgreSQL."""

from alembic import context

from heyue.store.tables import metadata

given = context.config.attributes
if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True, transaction_per_migration=True)
else:
    context.configure(
        connection=given["connection"], target_metadata=metadata, render_as_batch=True, transaction_per_migration=True,
        on_version_apply=given.get("after_each"),
    )  # fmt: skip
with context.begin_transaction():
    context.run_migrations()
