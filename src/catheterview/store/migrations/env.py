"""How Alembic reaches the database: over the connection that it is handed, in the transaction that is open there."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="catheterview_version")
context.run_migrations()
