"""The tables of cards: by what they are found, and who follows them. What a card tells stands in its post."""

import sqlalchemy as sa

from services.feed.tables import METADATA

cards = sa.Table(
    "cards",
    METADATA,
    sa.Column("post", sa.Uuid, primary_key=True),
    sa.Column("account", sa.Uuid, nullable=False),
    sa.Column("external_id", sa.Text),
    sa.Column("sort", sa.SmallInteger, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    # When it closes by itself; null when it does not, or is closed.
    sa.Column("close_time", sa.DateTime(timezone=True)),
)

card_followers = sa.Table(
    "card_followers",
    METADATA,
    sa.Column("post", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
)
