"""Run by alembic only: the steps happen on the connection that the caller hands over."""

from alembic import context

from karyogui.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
