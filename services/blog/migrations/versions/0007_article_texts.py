"""What articles are found by: one row an article with its words and marks.

A trigger keeps it, so that no writer can forget it: not even a process of the version before.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

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
    RETURN to_tsvector('pg_catalog.simple', search_plain($1)) || array_to_tsvector(search_stems($1));
"""

# Marks are lexemes that no text can have: they begin with a sign. The bar keeps phrases from going from title to text.
# Of a text count the first 100,000 characters: a vector has no places, and soon no room, for more.
VECTOR = r"""
CREATE FUNCTION article_vector(written articles) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE
    RETURN setweight(search_vector(written.title), 'A') || '''|''\:1'::tsvector
        || setweight(search_vector(left(written.plain_text, 100000)), 'B')
        || array_to_tsvector(
            ARRAY['@' || written.author, '+' || written.blog]
            || CASE WHEN written.group_id IS NULL THEN '{}' ELSE ARRAY['%' || written.group_id] END
            || ARRAY(SELECT '#' || tag FROM unnest(written.tags) AS tag)
        );
"""

TABLE = """
CREATE TABLE article_texts (
    article uuid PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    publish_time timestamptz NOT NULL,
    vector tsvector NOT NULL
);
-- A list of what is pending would have to be read by each search.
CREATE INDEX article_texts_vector ON article_texts USING gin (vector) WITH (fastupdate = off);
CREATE INDEX article_texts_newest ON article_texts (publish_time DESC, article DESC);
"""

WRITE = """
CREATE FUNCTION keep_article_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 3 AND NOT NEW.removed THEN
        INSERT INTO article_texts VALUES (NEW.id, NEW.publish_time, article_vector(NEW))
        ON CONFLICT (article) DO UPDATE SET publish_time = excluded.publish_time, vector = excluded.vector;
    ELSE
        DELETE FROM article_texts WHERE article = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER articles_written AFTER INSERT ON articles FOR EACH ROW EXECUTE FUNCTION keep_article_text();
CREATE TRIGGER articles_rewritten
    AFTER UPDATE OF author, blog, group_id, title, plain_text, tags, state, removed, publish_time ON articles
    FOR EACH ROW WHEN ((OLD.author, OLD.blog, OLD.group_id, OLD.title, OLD.plain_text, OLD.tags, OLD.state, OLD.removed,
        OLD.publish_time) IS DISTINCT FROM (NEW.author, NEW.blog, NEW.group_id, NEW.title, NEW.plain_text, NEW.tags,
        NEW.state, NEW.removed, NEW.publish_time))
    EXECUTE FUNCTION keep_article_text();
INSERT INTO article_texts SELECT id, publish_time, article_vector(articles) FROM articles
    WHERE state = 3 AND NOT removed;
"""


def upgrade() -> None:
    for statements in (FUNCTIONS, VECTOR, TABLE, WRITE):
        op.execute(statements)
