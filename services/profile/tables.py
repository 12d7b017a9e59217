"""The tables that profile owns."""

import sqlalchemy as sa

METADATA = sa.MetaData()

profiles = sa.Table(
    "profiles",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("handle", sa.Text, nullable=False),
    sa.Column("given_name", sa.Text, nullable=False),
    sa.Column("family_name", sa.Text, nullable=False),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("employer", sa.Text, nullable=False),
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("manager", sa.Uuid),
    sa.Column("location", sa.Text, nullable=False),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("former", sa.Boolean, nullable=False),
    sa.Column("headline", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    # What moderators decided on what the person tells: the headline and the text about them.
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("search_text", sa.Text, nullable=False),
    sa.Column("sort_name", sa.Text, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

photos = sa.Table(
    "photos",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("small", sa.Text, nullable=False),
    sa.Column("large", sa.Text, nullable=False),
    sa.Column("import_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
)

# Of the replica that the chassis keeps: who may come in now.
access_people = sa.table("people", sa.column("person", sa.Uuid), sa.column("active", sa.Boolean), schema="access")
