"""The blogs and articles of texts/articles.yaml, and what the demonstration's accounts say about them."""

from dataclasses import dataclass, field
from typing import Any

from deploy.demo.company import read


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody says, and what becomes of it if it is a contribution. People are handles."""

    by: str
    text: str
    likes: tuple[str, ...] = ()
    replies: tuple["Comment", ...] = ()
    answer: str = ""
    state: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """An article; one with `days` asks for opinions. `picture` says in words what stands above it."""

    author: str
    key: str
    title: str
    text: str
    summary: str = ""
    picture: str = ""
    days: int = 0
    featured: bool = False
    draft: bool = False
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class Blog:
    """A blog with who else writes in it and who follows it. `kind` is named as in the API without BLOG_KIND_."""

    kind: str
    title: str
    owner: str
    description: str
    articles: tuple[Article, ...]
    writers: tuple[str, ...] = ()
    followers: tuple[str, ...] = ()
    series: dict[str, str] = field(default_factory=dict)


def blogs() -> list[Blog]:
    """All of them, in the order in which they began."""
    return [_blog(entry) for entry in read("articles")]


def _blog(entry: dict[str, Any]) -> Blog:
    given = _with_tuples(entry, "writers", "followers")
    return Blog(**given | {"articles": tuple(map(_article, entry["articles"]))})


def _article(entry: dict[str, Any]) -> Article:
    return Article(**entry | {"comments": tuple(map(_comment, entry.get("comments", ())))})


def _comment(entry: dict[str, Any]) -> Comment:
    given = _with_tuples(entry, "likes")
    return Comment(**given | {"replies": tuple(map(_comment, entry.get("replies", ())))})


def _with_tuples(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return entry | {name: tuple(entry.get(name, ())) for name in names}
