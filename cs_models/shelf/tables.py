"""The tables as the newest migration leaves them. Rows are added and read, never changed."""

from sqlalchemy import Column, Date, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

METADATA = MetaData()

SCENARIOS = Table(
    "scenarios",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("family", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("parent", String(64), ForeignKey("scenarios.id")),
    Column("created_at", DateTime, nullable=False),  # UTC
    Column("author", Text, nullable=False),
    Column("author_id", String(32), nullable=False, server_default=""),  # digest of the person, "" where none is known
    Column("name", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("data_set", String(64), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("data_name", Text, nullable=False),
    Column("data_day", Date),
    Column("engine_version", String(20), nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("headline", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("family", "number", name="one_version_of_a_number"),  # of two at once, the second is told
)

COMMENTS = Table(
    "comments",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("scenario", String(64), ForeignKey("scenarios.id"), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("comments_of_a_scenario", "scenario"),
)

# A tombstone is a row, and so is taking it back: the latest of a family counts.
REMOVALS = Table(
    "removals",
    METADATA,
    Column("place", Integer, primary_key=True, autoincrement=True),
    Column("family", String(64), ForeignKey("scenarios.id"), nullable=False),
    Column("gone", Integer, nullable=False),  # 1 put away, 0 taken back
    Column("created_at", DateTime, nullable=False),
    Column("author", Text, nullable=False),
    Index("removals_of_a_family", "family"),
)
