"""What is in a group: its page, its files and its events; and what groups are found by."""

from alembic import op

revision = "0002"
down_revision = "0001"

PAGES = """
CREATE TABLE group_pages (
    group_id uuid PRIMARY KEY REFERENCES groups ON DELETE CASCADE,
    description text NOT NULL DEFAULT '',
    description_html text NOT NULL DEFAULT '',
    description_plain text NOT NULL DEFAULT '',
    rules text NOT NULL DEFAULT '',
    rules_html text NOT NULL DEFAULT '',
    rules_plain text NOT NULL DEFAULT '',
    tags text[] NOT NULL DEFAULT '{}',
    cover_large uuid,
    cover_small uuid,
    cover_width integer NOT NULL DEFAULT 0,
    cover_height integer NOT NULL DEFAULT 0,
    pins uuid[] NOT NULL DEFAULT '{}',
    update_time timestamptz,
    revision integer NOT NULL DEFAULT 0
);
"""

# Objects are noted before they are stored, and removed when `remove_time` has passed: nothing is left over.
FILES = """
CREATE TABLE objects (
    id uuid PRIMARY KEY,
    remove_time timestamptz
);
CREATE INDEX objects_to_remove ON objects (remove_time) WHERE remove_time IS NOT NULL;
CREATE TABLE files (
    id uuid PRIMARY KEY,
    group_id uuid NOT NULL REFERENCES groups ON DELETE CASCADE,
    title text NOT NULL,
    uploader uuid,
    newest integer NOT NULL,
    version_count integer NOT NULL,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    revision integer NOT NULL,
    hidden boolean NOT NULL DEFAULT false,
    removed boolean NOT NULL DEFAULT false
);
CREATE INDEX files_by_group ON files (group_id, update_time DESC, id DESC);
CREATE INDEX files_by_uploader ON files (uploader);
CREATE TABLE file_versions (
    file uuid REFERENCES files ON DELETE CASCADE,
    number integer,
    content uuid NOT NULL UNIQUE,
    content_type text NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    uploader uuid,
    create_time timestamptz NOT NULL,
    verdict smallint NOT NULL,
    scan_time timestamptz,
    PRIMARY KEY (file, number)
);
CREATE INDEX file_versions_by_uploader ON file_versions (uploader);
CREATE INDEX file_versions_to_scan ON file_versions (scan_time) WHERE scan_time IS NOT NULL;
"""

# A group that is purged takes rows along, of which no program hears.
GONE = """
CREATE FUNCTION let_go_of_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE objects SET remove_time = now() WHERE id = OLD.content;
    RETURN NULL;
END $$;
CREATE TRIGGER file_versions_gone AFTER DELETE ON file_versions
    FOR EACH ROW EXECUTE FUNCTION let_go_of_content();
CREATE FUNCTION let_go_of_cover() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE objects SET remove_time = now() WHERE id IN (OLD.cover_large, OLD.cover_small);
    RETURN NULL;
END $$;
CREATE TRIGGER group_pages_gone AFTER DELETE ON group_pages
    FOR EACH ROW EXECUTE FUNCTION let_go_of_cover();
CREATE TRIGGER group_covers_gone AFTER UPDATE OF cover_large ON group_pages
    FOR EACH ROW WHEN (OLD.cover_large IS DISTINCT FROM NEW.cover_large) EXECUTE FUNCTION let_go_of_cover();
"""

GATHERINGS = """
CREATE TABLE gatherings (
    id uuid PRIMARY KEY,
    group_id uuid NOT NULL REFERENCES groups ON DELETE CASCADE,
    organiser uuid,
    title text NOT NULL,
    description text NOT NULL,
    description_html text NOT NULL,
    description_plain text NOT NULL,
    start_time timestamptz NOT NULL,
    end_time timestamptz NOT NULL,
    time_zone text NOT NULL,
    place text NOT NULL,
    link text NOT NULL,
    most_people integer NOT NULL,
    reminder interval NOT NULL,
    remind_time timestamptz,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    state smallint NOT NULL,
    going_count integer NOT NULL DEFAULT 0,
    waiting_count integer NOT NULL DEFAULT 0,
    maybe_count integer NOT NULL DEFAULT 0,
    revision integer NOT NULL,
    hidden boolean NOT NULL DEFAULT false,
    removed boolean NOT NULL DEFAULT false
);
CREATE INDEX gatherings_by_group ON gatherings (group_id, start_time, id);
CREATE INDEX gatherings_by_organiser ON gatherings (organiser);
CREATE INDEX gatherings_to_remind ON gatherings (remind_time) WHERE remind_time IS NOT NULL;
CREATE TABLE attendances (
    gathering uuid REFERENCES gatherings ON DELETE CASCADE,
    person uuid,
    attendance smallint NOT NULL,
    answer_time timestamptz NOT NULL,
    turn bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (gathering, person)
);
CREATE INDEX attendances_listed ON attendances (gathering, attendance, turn);
CREATE INDEX attendances_by_person ON attendances (person);
-- Of the secret in an address only the SHA-256 is kept.
CREATE TABLE calendar_links (
    person uuid PRIMARY KEY,
    digest bytea NOT NULL UNIQUE,
    create_time timestamptz NOT NULL
);
"""

# As feed has them: the words of a text as they stand, and their Dutch and English stems, all without accents.
WORDS = """
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
-- All words must be there, in one of their forms; the last one may be the beginning of one.
CREATE FUNCTION search_query(words text[]) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (
        SELECT string_agg('(' || forms || ')', ' & ')::tsquery FROM (
            SELECT array_to_string(ARRAY(
                    SELECT quote_literal(form) FROM unnest(tsvector_to_array(search_vector(word))) AS form
                ), ' | ') || CASE WHEN place < cardinality(words) THEN ''
                    ELSE ' | ' || quote_literal(lower(replace(search_plain(word), ' ', ''))) || ':*' END AS forms
            FROM unnest(words) WITH ORDINALITY AS one (word, place)
        ) AS every
    );
"""

# A mark is a lexeme that no text can have. With it the index itself leaves out the secret groups of others, so that not
# the time that a search takes tells of them.
TEXTS = """
CREATE TABLE group_texts (
    group_id uuid PRIMARY KEY REFERENCES groups ON DELETE CASCADE,
    vector tsvector NOT NULL
);
CREATE INDEX group_texts_vector ON group_texts USING gin (vector) WITH (fastupdate = off);
CREATE FUNCTION group_vector(written groups, page group_pages) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE
    RETURN setweight(search_vector(written.title), 'A')
        || setweight(search_vector(coalesce(array_to_string(page.tags, ' '), '')), 'B')
        || search_vector(coalesce(page.description_plain, ''))
        || array_to_tsvector(ARRAY[CASE WHEN written.visibility = 3 THEN '%' || written.id ELSE '!found' END]);
CREATE FUNCTION write_group_text(written uuid) RETURNS void LANGUAGE sql
    BEGIN ATOMIC
        INSERT INTO group_texts
        SELECT groups.id, group_vector(groups, group_pages)
        FROM groups LEFT JOIN group_pages ON group_pages.group_id = groups.id WHERE groups.id = written
        ON CONFLICT (group_id) DO UPDATE SET vector = excluded.vector;
    END;
CREATE FUNCTION keep_group_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM write_group_text(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION keep_page_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM write_group_text(NEW.group_id);
    RETURN NULL;
END $$;
CREATE TRIGGER groups_written AFTER INSERT ON groups FOR EACH ROW EXECUTE FUNCTION keep_group_text();
CREATE TRIGGER groups_rewritten AFTER UPDATE OF title, visibility ON groups FOR EACH ROW
    WHEN ((OLD.title, OLD.visibility) IS DISTINCT FROM (NEW.title, NEW.visibility))
    EXECUTE FUNCTION keep_group_text();
CREATE TRIGGER pages_written AFTER INSERT ON group_pages FOR EACH ROW EXECUTE FUNCTION keep_page_text();
CREATE TRIGGER pages_rewritten AFTER UPDATE OF description_plain, tags ON group_pages FOR EACH ROW
    WHEN ((OLD.description_plain, OLD.tags) IS DISTINCT FROM (NEW.description_plain, NEW.tags))
    EXECUTE FUNCTION keep_page_text();
INSERT INTO group_texts SELECT groups.id, group_vector(groups, NULL) FROM groups;
"""

FINDING = """
CREATE INDEX groups_by_size ON groups (member_count DESC, id DESC)
    WHERE visibility <> 3 AND archive_time IS NULL AND delete_time IS NULL AND NOT hidden AND NOT removed;
CREATE INDEX groups_by_age ON groups (id DESC)
    WHERE visibility <> 3 AND archive_time IS NULL AND delete_time IS NULL AND NOT hidden AND NOT removed;
CREATE INDEX group_pages_by_tag ON group_pages USING gin (tags);
CREATE TABLE dismissals (
    person uuid,
    group_id uuid REFERENCES groups ON DELETE CASCADE,
    PRIMARY KEY (person, group_id)
);
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    for statements in (PAGES, FILES, GONE, GATHERINGS, WORDS, TEXTS, FINDING):
        op.execute(statements)
