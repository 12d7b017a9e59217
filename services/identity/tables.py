"""The tables that identity owns."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

METADATA = sa.MetaData()

people = sa.Table(
    "people",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("personnel_number", sa.Text, nullable=False),
    sa.Column("handle", sa.Text, nullable=False),
    sa.Column("given_name", sa.Text, nullable=False),
    sa.Column("family_name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("employer", sa.Text, nullable=False),
    sa.Column("sponsor", sa.Text, nullable=False),
    sa.Column("start_date", sa.Date),
    sa.Column("end_date", sa.Date),
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("manager", sa.Text, nullable=False),
    sa.Column("location", sa.Text, nullable=False),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("segments", ARRAY(sa.Text), nullable=False),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("activated", sa.Boolean, nullable=False),
    sa.Column("held_until", sa.DateTime(timezone=True)),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

passwords = sa.Table(
    "passwords",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
)

sign_in_links = sa.Table(
    "sign_in_links",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("token_hash", sa.LargeBinary, nullable=False),
    sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
)

sign_in_attempts = sa.Table(
    "sign_in_attempts",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("subject", sa.LargeBinary, nullable=False),
    sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
)

sessions = sa.Table(
    "sessions",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, nullable=False),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("client", sa.Text, nullable=False),
    sa.Column("token_hash", sa.LargeBinary, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
)

barrier_policy = sa.Table(
    "barrier_policy",
    METADATA,
    sa.Column("one", sa.Boolean, primary_key=True),
    sa.Column("pairs", JSONB, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

service_accounts = sa.Table(
    "service_accounts",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("owner", sa.Uuid, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False),
    sa.Column("previous_secret_hash", sa.LargeBinary, nullable=False),
    sa.Column("previous_expire_time", sa.DateTime(timezone=True)),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
)
