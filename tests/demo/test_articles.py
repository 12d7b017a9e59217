"""The demonstration's articles keep the rules of the company that they are loaded into."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO

from PIL import Image

from deploy.demo.articles import Comment, blogs
from deploy.demo.company import LEAST_PEOPLE, apart, company
from deploy.demo.covers import cover
from deploy.demo.load import EDITOR

ACCOUNTS = {account.handle: account for account in company(LEAST_PEOPLE, today=date(2027, 3, 15)).accounts}


def flattened(comments: tuple[Comment, ...], *above: str) -> Iterator[tuple[str, ...]]:
    """Who meets in each thread: who wrote what is answered, who answers, and who reacts."""
    for comment in comments:
        yield from ((*above, comment.by, like) for like in comment.likes or (comment.by,))
        yield from flattened(comment.replies, *above, comment.by)


def test_nobody_meets_whom_a_barrier_keeps_away() -> None:
    for blog in blogs():
        for article in blog.articles:
            for met in flattened(article.comments, blog.owner, article.author):
                people = [ACCOUNTS[handle] for handle in met]
                assert not any(apart(one, other) for one in people for other in people), (article.key, met)
        for handle in (*blog.followers, *blog.writers):
            assert not apart(ACCOUNTS[handle], ACCOUNTS[blog.owner])


def test_each_answer_has_what_the_rules_ask_of_it() -> None:
    for article in (article for blog in blogs() for article in blog.articles):
        decided = [comment for comment in article.comments if comment.state]
        assert bool(article.days) == bool(decided)
        assert all(comment.reason for comment in decided if comment.state == "DECLINED")
        assert article.title
        assert len(article.summary) <= 500
    assert "editor" in ACCOUNTS[EDITOR].roles


def test_a_picture_is_the_same_each_time() -> None:
    assert cover("Een titel") == cover("Een titel") != cover("Een andere")
    assert Image.open(BytesIO(cover("Een titel"))).size == (960, 480)
