"""What articles are found by, what editors feature, and how much is read."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from services.blog.tables import METADATA

# Written by a trigger on `articles` (migration 0007): those that are out, whoever may see them.
article_texts = sa.Table(
    "article_texts",
    METADATA,
    sa.Column("article", sa.Uuid, primary_key=True),
    sa.Column("publish_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("vector", TSVECTOR, nullable=False),
)

features = sa.Table(
    "features",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("article", sa.Uuid, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("begin_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("end_time", sa.DateTime(timezone=True)),
    sa.Column("editor", sa.Uuid, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

article_reads = sa.Table(
    "article_reads",
    METADATA,
    sa.Column("article", sa.Uuid, primary_key=True),
    sa.Column("reads", sa.Integer, nullable=False),
)

# That somebody read something today: which of both, only the key tells, which is in no database.
read_marks = sa.Table(
    "read_marks",
    METADATA,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("mark", sa.LargeBinary, primary_key=True),
)
