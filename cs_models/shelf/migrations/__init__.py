"""Steps from one form of the tables to the next, run by alembic; a step that was released never changes."""
