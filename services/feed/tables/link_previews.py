"""The tables of link previews."""

import sqlalchemy as sa

from services.feed.tables import METADATA

# `next_try` is when to look at what is behind a link, or, once that is known, when it is known no longer.
link_previews = sa.Table(
    "link_previews",
    METADATA,
    sa.Column("url", sa.Text, primary_key=True),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    sa.Column("site", sa.Text, nullable=False, server_default=""),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("fetched_time", sa.DateTime(timezone=True)),
    sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
)

# Posts that wait for the preview of a link.
link_preview_posts = sa.Table(
    "link_preview_posts",
    METADATA,
    sa.Column("post", sa.Uuid, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
)
