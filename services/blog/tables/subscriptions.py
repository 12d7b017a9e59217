"""Subscriptions, and the addresses at which programs read articles."""

import sqlalchemy as sa

from services.blog.tables import METADATA

# `target` is a resource name: `blogs/…`, `people/…` or `tags/…`.
subscriptions = sa.Table(
    "subscriptions",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
)

atom_addresses = sa.Table(
    "atom_addresses",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    # Of the document that was read last, and since when it is as it is.
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("change_time", sa.DateTime(timezone=True)),
)
