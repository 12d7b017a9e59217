"""Processes are killed while people write, publish, schedule and talk: each article comes out once and whole.

What was acknowledged is there, drafts say what was saved last, what waits for its time comes out at it, and everybody
is told once.
"""

import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from deploy.stack import Stack
from services.feed.domain.notifications import Kind
from tests.chaos.crowd import Crowd, empty_stack
from tests.chaos.faults import FAULTS, Fault, killed
from tests.chaos.logs import every, rows, wrong_logs
from tests.chaos.trial import SECONDS, all_of, right_again, stood
from tests.chaos.writings import Writings, said

PEOPLE, WRITERS = 24, 12
SUBSCRIBERS = range(WRITERS, WRITERS + 6)
BEFALLING: dict[str, Fault] = {"blog killed": killed("blog")}
BEFALLING |= {name: FAULTS[name] for name in ("feed killed", "valkey killed", "postgres killed")}
BEFALLING["identity killed"] = killed("identity")

# Each finds rows of blog that should not be there.
NONE_IN_BLOG = {
    "I2 one article for each request": "SELECT title FROM drafts GROUP BY title HAVING count(*) > 1",
    "I2 one comment for each request": "SELECT text FROM comments GROUP BY text HAVING count(*) > 1",
    "I7 reactions are counted": """
        SELECT id FROM comments, generate_series(1, cardinality(reaction_counts)) AS sort
        WHERE reaction_counts[sort] <> (
            SELECT count(*) FROM comment_reactions WHERE comment = comments.id AND reaction = sort)""",
    "I12 the index has what can be found": """
        SELECT coalesce(article, id) FROM article_texts FULL JOIN (
            SELECT id, article_vector(articles) AS expected FROM articles WHERE state = 3 AND NOT removed
        ) AS visible ON article = id WHERE vector IS DISTINCT FROM expected""",
    "B1 what has readers came out once": """
        SELECT id FROM articles WHERE (state = 3)::int <> (
            SELECT count(*) FROM eventlog.events
            WHERE aggregate = 'articles/' || articles.id AND type = 'plein.blog.v1.ArticlePublished')""",
    "B2 nothing waits whose time has come": """
        SELECT id, schedule_time, schedule_problem FROM articles
        WHERE schedule_problem <> '' OR schedule_time < now() - interval '2 seconds'""",
    "B3 what has readers is whole": """
        SELECT id FROM articles JOIN drafts ON article = id
        WHERE state = 3 AND (articles.title, articles.text) <> (drafts.title, drafts.text)""",
}
PUBLISHED = 3
DRAFTS = "SELECT 'articles/' || article, title, text FROM drafts"
ARTICLES = "SELECT 'articles/' || id, state, publish_time FROM articles"
COMMENTS = "SELECT 'comments/' || id, text FROM comments"
REACTIONS = "SELECT 'comments/' || comment, 'people/' || person, reaction FROM comment_reactions"
AUTHORS = """SELECT 'comments/' || comments.id, 'people/' || articles.author
    FROM comments JOIN articles ON articles.id = article"""
KNOWN = "SELECT 'articles/' || id FROM articles"
TOLD = "SELECT cause::text, 'people/' || recipient, kind FROM notification_entries"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with empty_stack() as started:
        yield started


@pytest.fixture(scope="module")
async def crowd(stack: Stack) -> Crowd:
    made = Crowd(stack)
    await made.come_in(PEOPLE)
    return made


@pytest.mark.parametrize("fault", BEFALLING)
async def test_articles_come_out_once_and_whole(stack: Stack, fault: str, crowd: Crowd) -> None:
    async with crowd.client() as http:
        writings = Writings(crowd, http)
        await writings.begin(WRITERS, SUBSCRIBERS)
        end, chance = time.monotonic() + SECONDS, Random(fault)
        doing = [writings.write(one, end, Random(chance.random())) for one in range(WRITERS)]
        doing += [writings.talk(one, end, Random(chance.random())) for one in range(WRITERS, PEOPLE)]
        await stood(stack, BEFALLING[fault], all_of(*doing))
        seconds = await right_again(lambda: wrongs(stack, writings))
    done = len(writings.drafts), len(writings.published), len(writings.scheduled), len(writings.comments)
    print(f"{fault}: {done} drafts, published, scheduled and comments, all right after {seconds:.1f} s")


async def wrongs(stack: Stack, writings: Writings) -> dict[str, Any]:
    """What does not hold now."""
    wrong = await wrong_logs(stack)
    wrong |= {name: found[:5] for name, found in (await every(stack, "blog", NONE_IN_BLOG)).items() if found}
    facts = {"drafts": DRAFTS, "articles": ARTICLES, "comments": COMMENTS, "reactions": REACTIONS, "authors": AUTHORS}
    found = await every(stack, "blog", facts)
    if lost := _lost(writings, found):
        wrong["I1 what was acknowledged is there"] = lost[:5]
    out = {name for name, state, _ in found["articles"] if state == PUBLISHED}
    if unlike := out ^ {name for (name,) in await rows(stack, "feed", KNOWN)}:
        wrong["B4 feed knows what is out"] = list(unlike)[:5]
    if untold := await _untold(stack, writings, found):
        wrong["I9 everybody is told"] = untold[:5]
    return wrong


def _lost(writings: Writings, found: dict[str, list[Any]]) -> list[Any]:
    """What was acknowledged and is not so."""
    drafts = {name: (title, text) for name, title, text in found["drafts"]}
    out = {name: moment for name, state, moment in found["articles"] if state == PUBLISHED}
    reactions = {(comment, person): reaction for comment, person, reaction in found["reactions"]}
    saved = {name: tuple(said(number).values()) for name, number in writings.drafts.items()}
    expected = {*writings.published, *writings.scheduled}
    lost: list[Any] = [*(saved.items() - drafts.items()), *(expected ^ (out.keys() & writings.drafts.keys()))]
    lost += [name for name, moment in writings.scheduled.items() if name in out and out[name] < moment]
    lost += writings.comments.items() - dict(found["comments"]).items()
    return lost + list(writings.reactions.items() - reactions.items())


async def _untold(stack: Stack, writings: Writings, found: dict[str, list[Any]]) -> list[Any]:
    """Subscribers who were not told of an article, and authors who were not told of a comment; each (cause, person)."""
    told = {(cause, person): kind for cause, person, kind in await rows(stack, "feed", TOLD)}
    subscribers = [writings.crowd.names[person] for person in SUBSCRIBERS]
    out = [name.partition("/")[2] for name in (*writings.published, *writings.scheduled)]
    wanted = {(cause, person): Kind.ARTICLE for cause in out for person in subscribers}
    authors = [(name, person) for name, person in found["authors"] if name in writings.comments]
    wanted |= {(name.partition("/")[2], person): Kind.COMMENT for name, person in authors}
    return list(wanted.items() - told.items())
