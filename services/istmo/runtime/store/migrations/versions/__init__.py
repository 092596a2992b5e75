"""One file for each version of the schema, loaded by Alembic."""
