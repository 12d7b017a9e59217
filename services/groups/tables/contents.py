"""What is in a group: its page, its files and its events."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.groups.tables import METADATA


def _group(*, primary_key: bool = False) -> "sa.Column[UUID]":
    key = sa.ForeignKey("groups.id", ondelete="CASCADE")
    return sa.Column("group_id", sa.Uuid, key, primary_key=primary_key, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


group_pages = sa.Table(
    "group_pages",
    METADATA,
    _group(primary_key=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("description_html", sa.Text, nullable=False),
    sa.Column("description_plain", sa.Text, nullable=False),
    sa.Column("rules", sa.Text, nullable=False),
    sa.Column("rules_html", sa.Text, nullable=False),
    sa.Column("rules_plain", sa.Text, nullable=False),
    sa.Column("tags", ARRAY(sa.Text), nullable=False),
    sa.Column("cover_large", sa.Uuid),
    sa.Column("cover_small", sa.Uuid),
    sa.Column("cover_width", sa.Integer, nullable=False),
    sa.Column("cover_height", sa.Integer, nullable=False),
    sa.Column("pins", ARRAY(sa.Uuid), nullable=False),
    _moment("update_time", nullable=True),
    sa.Column("revision", sa.Integer, nullable=False),
)

# Noted before they are stored; removed when `remove_time` has passed.
objects = sa.Table(
    "objects",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    _moment("remove_time", nullable=True),
)

# What an erased person brought stays, as nobody's.
files = sa.Table(
    "files",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    _group(),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("uploader", sa.Uuid),
    sa.Column("newest", sa.Integer, nullable=False),
    sa.Column("version_count", sa.Integer, nullable=False),
    _moment("create_time"),
    _moment("update_time"),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
)

# `scan_time` is when to scan a content that nobody has judged yet.
file_versions = sa.Table(
    "file_versions",
    METADATA,
    sa.Column("file", sa.Uuid, sa.ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("content", sa.Uuid, nullable=False, unique=True),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("uploader", sa.Uuid),
    _moment("create_time"),
    sa.Column("verdict", sa.SmallInteger, nullable=False),
    _moment("scan_time", nullable=True),
)

# `remind_time` is emptied when people were reminded.
gatherings = sa.Table(
    "gatherings",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    _group(),
    sa.Column("organiser", sa.Uuid),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("description_html", sa.Text, nullable=False),
    sa.Column("description_plain", sa.Text, nullable=False),
    _moment("start_time"),
    _moment("end_time"),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("most_people", sa.Integer, nullable=False),
    sa.Column("reminder", sa.Interval, nullable=False),
    _moment("remind_time", nullable=True),
    _moment("create_time"),
    _moment("update_time"),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("going_count", sa.Integer, nullable=False),
    sa.Column("waiting_count", sa.Integer, nullable=False),
    sa.Column("maybe_count", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
)

# `turn` is the order of the answers, which are given under the lock of the event.
attendances = sa.Table(
    "attendances",
    METADATA,
    sa.Column("gathering", sa.Uuid, sa.ForeignKey("gatherings.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("attendance", sa.SmallInteger, nullable=False),
    _moment("answer_time"),
    sa.Column("turn", sa.BigInteger, sa.Identity(always=True), nullable=False),
)

# Of the secret in an address only the SHA-256 is kept.
calendar_links = sa.Table(
    "calendar_links",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    _moment("create_time"),
)
