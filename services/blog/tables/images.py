"""The tables of images."""

import sqlalchemy as sa

from services.blog.tables import METADATA

images = sa.Table(
    "images",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("owner", sa.Uuid, nullable=False),
    sa.Column("article", sa.Uuid),
    sa.Column("blog", sa.Uuid),
    # Whether it stands in what readers see, and not only in a draft.
    sa.Column("shown", sa.Boolean, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("large", sa.Text, nullable=False),
    sa.Column("small", sa.Text, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("remove_time", sa.DateTime(timezone=True)),
)

# What is stored. Several images may have the same content; from `check_time` on it may be that none has.
image_contents = sa.Table(
    "image_contents",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("check_time", sa.DateTime(timezone=True)),
)
