"""The tables that moderation owns."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

METADATA = sa.MetaData()

# What was ever reported, and what stands about it: whoever changes that holds its row.
subjects = sa.Table(
    "subjects",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("measure", sa.SmallInteger, nullable=False),
    # What it said when it was last judged, and in which case.
    sa.Column("judged_revision", sa.Text, nullable=False),
    sa.Column("judged_case", sa.Uuid),
    sa.Column("version", sa.BigInteger, nullable=False),
)

cases = sa.Table(
    "cases",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("author", sa.Uuid, nullable=False),
    sa.Column("root", sa.Text, nullable=False),
    sa.Column("parent", sa.Text, nullable=False),
    sa.Column("group_name", sa.Text, nullable=False),
    # Who must not judge it besides its author and its reporters.
    sa.Column("concerned", ARRAY(sa.Uuid), nullable=False),
    # What it said when it was last reported.
    sa.Column("revision", sa.Text, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("assignee", sa.Uuid),
    sa.Column("offered_to", sa.Uuid),
    sa.Column("hidden_while_pending", sa.Boolean, nullable=False),
    sa.Column("report_count", sa.Integer, nullable=False),
    sa.Column("reasons", ARRAY(sa.SmallInteger), nullable=False),
    # The filters that found something in it.
    sa.Column("held_by", ARRAY(sa.Uuid), nullable=False),
    sa.Column("verdict", sa.SmallInteger, nullable=False),
    sa.Column("decider", sa.Uuid),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

# The ids are random, not in the order of time: when somebody reported can tell who it was.
reports = sa.Table(
    "reports",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("reporter", sa.Uuid, nullable=False),
    sa.Column("reason", sa.SmallInteger, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("revision", sa.Text, nullable=False),
    sa.Column("result", sa.SmallInteger, nullable=False),
    sa.Column("misuse", sa.Boolean, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("decide_time", sa.DateTime(timezone=True)),
    sa.Column("unmask_time", sa.DateTime(timezone=True)),
    # Whether the log told that it was decided.
    sa.Column("told", sa.Boolean, nullable=False),
)

# What a subject said when it was reported, once for each revision.
snapshots = sa.Table(
    "snapshots",
    METADATA,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("revision", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("images", ARRAY(sa.Text), nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True)),
    sa.Column("take_time", sa.DateTime(timezone=True), nullable=False),
)

# The images of snapshots, once for each case: their contents as soon as their owner gave them, until then when to ask.
kept_images = sa.Table(
    "kept_images",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("image", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary),
    sa.Column("due_time", sa.DateTime(timezone=True)),
)

notes = sa.Table(
    "notes",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("author", sa.Uuid, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
)

decisions = sa.Table(
    "decisions",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    # Whose words it is about, and what they said.
    sa.Column("person", sa.Uuid, nullable=False),
    sa.Column("revision", sa.Text, nullable=False),
    sa.Column("verdict", sa.SmallInteger, nullable=False),
    sa.Column("content_verdict", sa.SmallInteger, nullable=False),
    sa.Column("reason", sa.SmallInteger),
    sa.Column("explanation", sa.Text, nullable=False),
    # Until when the person is mute or kept out.
    sa.Column("until", sa.DateTime(timezone=True)),
    sa.Column("decider", sa.Uuid, nullable=False),
    sa.Column("on_appeal", sa.Boolean, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    # When it ceased to count, by an appeal or because it was undone.
    sa.Column("end_time", sa.DateTime(timezone=True)),
    sa.Column("end_explanation", sa.Text, nullable=False),
)

appeals = sa.Table(
    "appeals",
    METADATA,
    sa.Column("decision", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("person", sa.Uuid, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
)

unmaskings = sa.Table(
    "unmaskings",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("report", sa.Uuid, nullable=False),
    sa.Column("justification", sa.Text, nullable=False),
    sa.Column("requester", sa.Uuid, nullable=False),
    sa.Column("answerer", sa.Uuid),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("answer_time", sa.DateTime(timezone=True)),
    sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
)

# Until when somebody is mute and is to be kept out, and what identity heard of that last: it hears more when it is due.
sanctions = sa.Table(
    "sanctions",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("muted_until", sa.DateTime(timezone=True)),
    sa.Column("suspended_until", sa.DateTime(timezone=True)),
    sa.Column("told_until", sa.DateTime(timezone=True)),
    sa.Column("due_time", sa.DateTime(timezone=True)),
    sa.Column("version", sa.BigInteger, nullable=False),
)
