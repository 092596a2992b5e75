"""Records, their keys, the journal, answers, messages and files."""

from __future__ import annotations

from alembic import op

from istmo.runtime.store.migrations import statements

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    connection = op.get_bind()
    for statement in statements(connection.dialect.name, 1):
        connection.exec_driver_sql(statement)
