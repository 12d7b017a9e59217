"""What posts are found by: one row a post with its words and marks, beside `posts`, whose counts change all day.

A trigger keeps it, so that no writer can forget it: not even a process of the version before.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

# A vector has the words of a text as they stand (with places, for phrases), and their Dutch and English stems.
# All are without accents, but stems lose them after stemming: `cafés` → `café` → `cafe`.
FUNCTIONS = """
CREATE FUNCTION search_words(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace($1, '[^[:alnum:]]+', ' ', 'g');
CREATE FUNCTION search_plain(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN search_words(public.unaccent('public.unaccent'::regdictionary, $1));
CREATE FUNCTION search_stems(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY(
        SELECT DISTINCT stem FROM unnest(tsvector_to_array(
            to_tsvector('pg_catalog.dutch', search_words($1)) || to_tsvector('pg_catalog.english', search_words($1))
        )) AS lexeme, public.unaccent('public.unaccent'::regdictionary, lexeme) AS stem WHERE stem <> ''
    );
CREATE FUNCTION search_vector(text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN setweight(to_tsvector('pg_catalog.simple', search_plain($1)), 'A') || array_to_tsvector(search_stems($1));
"""

# Marks are lexemes that no text can have: they begin with a sign. So one index decides about words, author, tags, time.
# The time is there three times, in steps of 8 hours, 5 days and 85 days: a span of time is a few of them.
MARKS = """
CREATE FUNCTION search_hour(uuid) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ('x' || left(replace($1::text, '-', ''), 12))::bit(48)::bigint / 3600000;
CREATE FUNCTION search_marks(post uuid, author uuid, group_id uuid, tags text[], sorts text[]) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(
        ARRAY['@' || author, '~a' || search_hour(post) / 8, '~b' || search_hour(post) / 128,
            '~c' || search_hour(post) / 2048]
        || CASE WHEN group_id IS NULL THEN '{}' ELSE ARRAY['%' || group_id] END
        || ARRAY(SELECT '#' || tag FROM unnest(tags) AS tag)
        || ARRAY(SELECT '!' || sort FROM unnest(sorts) AS sort)
    );
"""

TABLE = """
CREATE TABLE post_texts (
    post uuid PRIMARY KEY REFERENCES posts ON DELETE CASCADE,
    vector tsvector NOT NULL
);
-- A list of what is pending would have to be read by each search.
CREATE INDEX post_texts_vector ON post_texts USING gin (vector) WITH (fastupdate = off);
CREATE INDEX post_tags_completion ON post_tags (tag COLLATE "C", post DESC);
"""

# A tombstone and a plain reshare say nothing. A reply is in the group of its root.
WRITE = r"""
CREATE FUNCTION post_vector(written posts) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE
    RETURN search_vector(written.text) || search_marks(
        written.id, written.author, (SELECT group_id FROM posts WHERE id = written.root), written.tags,
        ARRAY(SELECT sort FROM (VALUES
            ('image', written.images <> '[]'),
            ('poll', jsonb_typeof(written.poll) = 'array'),
            ('link', written.text ~* 'https?://[\w\[]')
        ) AS having_it (sort, it) WHERE it)
    );
CREATE FUNCTION post_is_searchable(written posts) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN written.delete_time IS NULL AND (written.text <> '' OR written.images <> '[]' OR written.reshare_of IS NULL);
CREATE FUNCTION keep_post_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF post_is_searchable(NEW) THEN
        INSERT INTO post_texts VALUES (NEW.id, post_vector(NEW))
        ON CONFLICT (post) DO UPDATE SET vector = excluded.vector;
    ELSE
        DELETE FROM post_texts WHERE post = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER posts_written AFTER INSERT ON posts FOR EACH ROW EXECUTE FUNCTION keep_post_text();
CREATE TRIGGER posts_rewritten AFTER UPDATE OF author, text, tags, images, poll, delete_time ON posts FOR EACH ROW
    WHEN ((OLD.author, OLD.text, OLD.tags, OLD.images, OLD.poll, OLD.delete_time)
        IS DISTINCT FROM (NEW.author, NEW.text, NEW.tags, NEW.images, NEW.poll, NEW.delete_time))
    EXECUTE FUNCTION keep_post_text();
"""


def upgrade() -> None:
    for statements in (FUNCTIONS, MARKS, TABLE, WRITE):
        op.execute(statements)
