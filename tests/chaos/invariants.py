"""What must hold of feed whatever befell it: read from its database, once everything is quiet.

Nobody blocks, mutes or hides in these runs, so that everybody may see everything.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from deploy.stack import Stack
from services.feed.domain.notifications import Kind
from services.feed.domain.telling import reaction_cause
from tests.chaos.logs import OF_EVERY_LOG, connected

Told = dict[tuple[UUID, UUID], Kind]  # (recipient, cause) → kind
Rows = Sequence[Any]

# Each finds rows that should not be there.
NONE_OF_THESE = OF_EVERY_LOG | {
    "I2 one post for each request": """
        SELECT author, text, reshare_of FROM posts WHERE delete_time IS NULL
        GROUP BY author, text, reshare_of HAVING count(*) > 1""",
    "I6 cursors are at the head": """
        SELECT source, cursor.position, head.position AS head FROM eventlog.cursor, eventlog.head
        WHERE (source = 'feed' OR source LIKE 'feed/%') AND cursor.position <> head.position""",
    "I7 replies are counted": """
        SELECT id FROM posts WHERE reply_count <> (
            SELECT count(*) FROM posts below WHERE below.delete_time IS NULL AND below.id <> posts.id
                AND (below.root = posts.id OR below.reply_to = posts.id))""",
    "I7 reshares are counted": """
        SELECT id FROM posts WHERE reshare_count <> (
            SELECT count(*) FROM posts other WHERE other.reshare_of = posts.id AND other.delete_time IS NULL)""",
    "I7 reactions are counted": """
        SELECT id FROM posts, generate_series(1, cardinality(reaction_counts)) AS sort WHERE reaction_counts[sort] <> (
            SELECT count(*) FROM marks WHERE marks.post = posts.id AND marks.reaction = sort)""",
    "I7 votes are counted": """
        SELECT id FROM posts, generate_series(1, cardinality(vote_counts)) AS place WHERE vote_counts[place] <> (
            SELECT count(*) FROM marks WHERE marks.post = posts.id AND marks.votes >> (place - 1) & 1 = 1)
        UNION SELECT id FROM posts WHERE voter_count <> (
            SELECT count(*) FROM marks WHERE marks.post = posts.id AND marks.votes > 0)""",
    "I7 plain reshares are marked": """
        (SELECT post, person FROM marks WHERE reshared EXCEPT ALL
            SELECT reshare_of, author FROM posts WHERE reshare_of IS NOT NULL AND text = '' AND delete_time IS NULL)
        UNION ALL
        (SELECT reshare_of, author FROM posts WHERE reshare_of IS NOT NULL AND text = '' AND delete_time IS NULL
            EXCEPT ALL SELECT post, person FROM marks WHERE reshared)""",
    "I9 notifications are where their newest entry is": """
        SELECT id FROM notifications WHERE position IS DISTINCT FROM (
            SELECT max(position) FROM notification_entries WHERE notification = notifications.id)""",
    "I12 the index has what can be found": """
        SELECT coalesce(post, id) FROM post_texts FULL JOIN (
            SELECT id, post_vector(posts) AS expected FROM posts WHERE delete_time IS NULL AND text <> ''
        ) AS visible ON post = id WHERE vector IS DISTINCT FROM expected""",
}


@dataclass
class Ledger:
    """What people were told is done: posts with the author's name and text, and what was done with posts."""

    posts: dict[str, tuple[str, str]] = field(default_factory=dict)
    reactions: dict[tuple[str, str], int] = field(default_factory=dict)
    votes: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass
class Facts:
    """Feed's database at one moment."""

    posts: Rows
    marks: Rows
    follows: Rows
    entries: Rows
    found: Mapping[str, Rows]

    def broken(self, ledger: Ledger) -> dict[str, Any]:
        """The invariants that do not hold, each with what speaks against it; I3 is for `homes`."""
        wrong: dict[str, Any] = {name: rows[:5] for name, rows in self.found.items() if rows}
        if lost := list(self._lost(ledger)):
            wrong["I1 what was acknowledged is there"] = lost[:5]
        required, allowed = self._to_be_told()
        told: Told = {(row.recipient, row.cause): Kind(row.kind) for row in self.entries}
        if untold := required.items() - told.items():
            wrong["I9 everybody is told"] = list(untold)[:5]
        if much := told.items() - allowed.items():
            wrong["I9 nobody is told more"] = list(much)[:5]
        return wrong

    def _lost(self, ledger: Ledger) -> Iterator[object]:
        stored = {f"posts/{row.id}": (f"people/{row.author}", row.text) for row in self.posts}
        yield from ledger.posts.items() - stored.items()
        marks = {(f"posts/{row.post}", f"people/{row.person}"): row for row in self.marks}
        yield from (one for one, sort in ledger.reactions.items() if one not in marks or marks[one].reaction != sort)
        yield from (one for one, bits in ledger.votes.items() if one not in marks or marks[one].votes != bits)

    def _to_be_told(self) -> tuple[Told, Told]:
        """What has to be told, and what may be: who answers at the same moment may be told of each other or not."""
        posts = {row.id: row for row in self.posts}
        joined: dict[UUID, set[UUID]] = defaultdict(set)
        for row in self.posts:
            if row.reply_to:
                joined[row.root].add(row.author)
        required: Told = {}
        allowed: Told = {}
        for row in self.posts:
            for recipient, kind in _reasons(row, posts):
                required.setdefault((recipient, row.id), kind)
            for recipient in joined[row.root] - {row.author} if row.reply_to else ():
                allowed[recipient, row.id] = Kind.REPLY_IN_JOINED_THREAD
        for row in self.marks:
            if row.reaction and row.person != posts[row.post].author:
                required[posts[row.post].author, reaction_cause(row.post, row.person)] = Kind.REACTION
        return required, allowed | required

    def homes(self) -> dict[str, list[str]]:
        """What everybody's home has to be, by person: what is reshared stands where it came last."""
        by_author: dict[UUID, list[Any]] = defaultdict(list)
        for row in self.posts:
            if row.reply_to is None:
                by_author[row.author].append(row)
        authors: dict[UUID, set[UUID]] = defaultdict(set)
        for row in self.follows:
            authors[row.follower] |= {row.follower, row.followee}
        return {
            f"people/{person}": _once_each(row for author in followed for row in by_author[author])
            for person, followed in authors.items()
        }


def _reasons(row: Any, posts: Mapping[UUID, Any]) -> Iterator[tuple[UUID, Kind]]:
    """Who has to be told of a post, and as what; the first reason of each person counts."""
    people = [(posts[row.reply_to].author, Kind.REPLY)] if row.reply_to else []
    people += [(posts[row.reshare_of].author, Kind.RESHARE)] if row.reshare_of else []
    people += [(UUID(person), Kind.MENTION) for person, _ in row.mentions]
    people += [(posts[row.root].author, Kind.REPLY_IN_OWN_THREAD)] if row.reply_to else []
    return ((person, kind) for person, kind in people if person != row.author)


def _once_each(rows: Iterator[Any]) -> list[str]:
    passed_on: set[UUID] = set()
    shown = []
    for row in sorted(rows, key=lambda row: row.id, reverse=True):
        plain = row.reshare_of is not None and not row.text
        content = row.reshare_of if plain else row.id
        if content not in passed_on:
            shown.append(f"posts/{row.id}")
        if plain:
            passed_on.add(content)
    return shown


async def facts(stack: Stack) -> Facts:
    """Reads all of feed's database that is compared, as it is at one moment."""
    async with connected(stack, "feed") as tx:
        await tx.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
        cursor = tx.cursor(row_factory=namedtuple_row)

        async def rows(query: str) -> Rows:
            return await (await cursor.execute(query.encode())).fetchall()

        return Facts(
            await rows("SELECT * FROM posts WHERE delete_time IS NULL"),
            await rows("SELECT * FROM marks"),
            await rows("SELECT * FROM follows WHERE active"),
            await rows("SELECT * FROM notification_entries"),
            {name: await rows(query) for name, query in NONE_OF_THESE.items()},
        )
