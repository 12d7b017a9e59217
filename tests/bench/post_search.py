"""A million posts of three years: how fast they are found, newest and best first, freely and behind a barrier; and what
a page of them costs, beside one of ten thousand.

The posts are made in SQL, from texts of words as often as words are. Each text's vector is made once, by the function
with which the trigger makes it; what else the trigger adds is made for each post.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from uuid import UUID

from plein.chassis.v1.audience_pb2 import WORKER_KIND_EMPLOYEE
from plein.feed.v1 import discovery_pb2, discovery_pb2_grpc
from plein.identity.v1 import identity_pb2
from sqlalchemy import text
from uuid_utils.compat import uuid7

from chassis.testing import Answers, Person, World
from deploy.demo import company
from tests.bench import page_cost
from tests.bench.alone import feed_alone
from tests.bench.figures import Figure, Figures, p, show

POSTS, FEW_POSTS = 1_000_000, 10_000
TEXTS, AUTHORS, GROUPS, TAGS = 20_000, 20_000, 50, 300
WORDS, QUERIES = 30_000, 400
YEARS_MILLISECONDS = 3 * 365 * 24 * 3600 * 1000
BARRIER = ("network", "retail")
RESOLVE_HANDLES = "/plein.identity.v1.IdentityService/ResolveHandles"

# One in ten is in a group, one in five has a tag, one in five is a reply; one author in ten is of each side.
STEPS = f"""
ALTER TABLE posts DISABLE TRIGGER USER;
DROP INDEX post_texts_vector;
ALTER TABLE post_texts DROP CONSTRAINT post_texts_post_fkey;
SET LOCAL synchronous_commit = off;
SET LOCAL work_mem = '256MB';
SET LOCAL maintenance_work_mem = '512MB';
UPDATE access.clocks SET ticks = ticks + 1 WHERE name = 'people';
INSERT INTO access.people
SELECT author, {WORKER_KIND_EMPLOYEE},
    CASE n % 10 WHEN 0 THEN ARRAY['{BARRIER[0]}'] WHEN 1 THEN ARRAY['{BARRIER[1]}'] ELSE '{{}}' END, true, 0, ticks
FROM made_authors, access.clocks WHERE name = 'people';
ALTER TABLE made_texts ADD vector tsvector;
UPDATE made_texts SET vector = search_vector(text);
CREATE TABLE made AS
SELECT n, (lpad(to_hex((:newest - {YEARS_MILLISECONDS} + n * :apart)::bigint), 12, '0')
        || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid AS id,
    floor({AUTHORS} * power(random(), 2))::int AS author, floor({TEXTS} * random())::int AS text,
    CASE WHEN n % 5 = 0 THEN ARRAY['tag' || floor({TAGS} * power(random(), 3))] ELSE '{{}}' END AS tags,
    CASE WHEN n % 10 = 1 THEN md5('group' || n % {GROUPS})::uuid END AS group_id
FROM generate_series(1, CAST(:posts AS int)) AS n;
INSERT INTO posts (id, author, text, root, reply_to, create_time, group_id, tags)
SELECT made.id, made_authors.author, made_texts.text, coalesce(roots.id, made.id), roots.id,
    to_timestamp(search_hour(made.id) * 3600), made.group_id, made.tags
FROM made JOIN made_authors ON made_authors.n = made.author JOIN made_texts ON made_texts.n = made.text
LEFT JOIN made AS roots ON made.n % 5 = 3 AND roots.n = made.n - 1
ORDER BY made.n;
INSERT INTO post_tags SELECT tag, id FROM made, unnest(tags) AS tag;
INSERT INTO post_texts
SELECT posts.id, vector || search_marks(posts.id, posts.author, made.group_id, posts.tags, '{{}}')
FROM made JOIN posts USING (id) JOIN made_texts ON made_texts.n = made.text ORDER BY made.n;
CREATE INDEX post_texts_vector ON post_texts USING gin (vector) WITH (fastupdate = off);
ALTER TABLE post_texts ADD CONSTRAINT post_texts_post_fkey FOREIGN KEY (post) REFERENCES posts ON DELETE CASCADE
"""


async def measure(found: Figures) -> None:
    """The posts come in; then somebody searches who sees all but groups, and somebody behind a barrier."""
    people = [uuid7() for _ in range(AUTHORS)]
    handles = {f"author{number}": f"people/{id_}" for number, id_ in enumerate(people)}
    async with feed_alone(_answers(handles)) as world:
        await _write(world, people, FEW_POSTS)
        little = await page_cost.measured(world, people)
    async with feed_alone(_answers(handles)) as world:
        began = time.perf_counter()
        texts = await _write(world, people, POSTS)
        found["1,000,000 posts made and indexed"] = Figure(time.perf_counter() - began, "s")
        page_cost.compared(little, await page_cost.measured(world, people), found)
        free = await world.person("viewer")
        barred = await world.person("barred", segments=[BARRIER[0]])
        await world.bar(BARRIER)
        await _tags(world, free, found)
        for viewer, who in ((free, ""), (barred, " behind a barrier")):
            for order_by in ("newest", "best"):
                times = await _searched(world, viewer, list(_queries(texts)), order_by)
                name = f"post search{who}, {order_by} first, 1,000,000 posts"
                found[f"{name}, p50"] = Figure(p(times, 50) * 1000, "ms")
                found[f"{name}, p95"] = Figure(p(times, 95) * 1000, "ms", 150)


async def _write(world: World, people: Sequence[UUID], count: int) -> list[str]:
    """The texts of the posts."""
    texts = list(islice(_texts(), TEXTS))
    database = world.server.resources.database
    async with database.engine.connect() as connection:
        await connection.execute(text("SET statement_timeout = 0"))
        await connection.execute(text("BEGIN"))
        await connection.execute(text("CREATE TABLE made_texts (n int PRIMARY KEY, text text)"))
        await connection.execute(text("CREATE TABLE made_authors (n int PRIMARY KEY, author uuid)"))
        for table, rows, kind in (("made_texts", texts, "text"), ("made_authors", people, "uuid")):
            numbered = f"SELECT n - 1, v FROM unnest(CAST(:values AS {kind}[])) WITH ORDINALITY AS given (v, n)"
            await connection.execute(text(f"INSERT INTO {table} {numbered}"), {"values": list(rows)})
        for step in STEPS.split(";"):
            values = {"newest": int(time.time() * 1000), "apart": YEARS_MILLISECONDS / count, "posts": count}
            await connection.execute(text(step), values if ":newest" in step else {})
        await connection.execute(text("COMMIT"))
        await connection.execute(text("VACUUM ANALYZE posts, post_texts, post_tags, access.people"))
        await connection.execute(text("RESET statement_timeout"))
    await world.server.resources.access.refresh(database)
    return texts


def _texts() -> Iterator[str]:
    """Sentences of the demonstration's words, and of compounds of them, as often as words are (Zipf)."""
    chance = Random("posts")
    files = Path(company.__file__).with_name("texts").glob("*.yaml")
    known = sorted({word for file in files for word in re.findall(r"[a-zà-ÿ]{2,}", file.read_text().lower())})
    chance.shuffle(known)
    words = [*known, *(one + other for one, other in (chance.sample(known, 2) for _ in range(WORDS - len(known))))]
    weights = [1 / (place + 3) for place in range(len(words))]
    while True:
        yield " ".join(chance.choices(words, weights, k=chance.randint(6, 24)))


def _queries(texts: Sequence[str]) -> Iterator[str]:
    """Of each sort as many: what is asked stands in a post, but maybe in none that has it all."""
    chance = Random("queries")
    ranked = [word for word, _ in Counter(word for said in texts for word in said.split()).most_common()]
    common, rare = ranked[:50], ranked[1000:]
    sorts: list[Callable[[list[str]], str]] = [
        lambda some: chance.choice(common),
        lambda some: chance.choice(rare),
        lambda some: " ".join(chance.sample(some, 2)),
        lambda some: f"{chance.choice(common)} {chance.choice(common)}",
        lambda some: f'"{" ".join(some[1:4])}"',
        lambda some: f"from:author{int(AUTHORS * chance.random() ** 2)} {chance.choice(common)}",
        lambda some: f"tag:tag{int(TAGS * chance.random() ** 3)} {chance.choice(common)}",
        lambda some: f"after:2025-01-01 before:2025-03-01 {chance.choice(some)}",
        lambda some: f"{chance.choice(common)} -{chance.choice(common)}",
    ]
    for number in range(QUERIES):
        yield sorts[number % len(sorts)](chance.choice(texts).split())


async def _tags(world: World, viewer: Person, found: Figures) -> None:
    """What rises, found out anew; and tags while they are typed."""
    calls = discovery_pb2_grpc.DiscoveryServiceStub(world.channel(viewer))
    began = time.perf_counter()
    await calls.ListTrendingTags(discovery_pb2.ListTrendingTagsRequest())
    found["tags that rise, 1,000,000 posts"] = Figure((time.perf_counter() - began) * 1000, "ms", 1000)
    times = []
    for number in range(QUERIES // 4):
        began = time.perf_counter()
        await calls.ListTags(discovery_pb2.ListTagsRequest(prefix=f"tag{number}"[: 1 + number % 5]))
        times.append(time.perf_counter() - began)
    found["tags while they are typed, 1,000,000 posts, p95"] = Figure(p(times, 95) * 1000, "ms", 50)


async def _searched(world: World, viewer: Person, queries: Sequence[str], order_by: str) -> list[float]:
    """Seconds for each answer."""
    channel = world.channel(viewer)
    calls, times = discovery_pb2_grpc.DiscoveryServiceStub(channel), []
    for query in queries:
        began = time.perf_counter()
        await calls.SearchPosts(discovery_pb2.SearchPostsRequest(query=query, order_by=order_by))
        times.append(time.perf_counter() - began)
    await channel.close()
    return times


def _answers(handles: Mapping[str, str]) -> Answers:
    """An identity that knows the authors' handles."""

    def resolved(request: identity_pb2.ResolveHandlesRequest) -> identity_pb2.ResolveHandlesResponse:
        return identity_pb2.ResolveHandlesResponse(people={handle: handles[handle] for handle in request.handles})

    return {RESOLVE_HANDLES: (identity_pb2.ResolveHandlesRequest, resolved)}


async def main() -> None:
    found: Figures = {}
    await measure(found)
    show(found)


if __name__ == "__main__":
    asyncio.run(main())
