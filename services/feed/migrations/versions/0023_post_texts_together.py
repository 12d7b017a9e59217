"""The words of posts that one statement writes are kept in one statement: half of their cost was to begin."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION keep_post_texts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO post_texts SELECT id, post_vector(written) FROM written WHERE post_is_searchable(written)
            ON CONFLICT (post) DO UPDATE SET vector = excluded.vector;
            RETURN NULL;
        END $$;
        DROP TRIGGER posts_written ON posts;
        CREATE TRIGGER posts_written AFTER INSERT ON posts REFERENCING NEW TABLE AS written
            FOR EACH STATEMENT EXECUTE FUNCTION keep_post_texts();
    """)
