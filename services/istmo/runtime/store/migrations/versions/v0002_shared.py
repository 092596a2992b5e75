"""Values that all processes share, and the failures that limits count."""

from __future__ import annotations

from alembic import op

from istmo.runtime.store.migrations import statements

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    connection = op.get_bind()
    for statement in statements(connection.dialect.name, 2):
        connection.exec_driver_sql(statement)
