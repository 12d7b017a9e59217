"""The part of the model that knows what blog tells of articles; what they say, feed never learns."""

from dataclasses import dataclass


@dataclass(eq=False)
class Blog:
    """Where articles stand: with it they are hidden or removed."""

    name: str
    hidden: bool = False
    removed: bool = False


@dataclass(eq=False)
class Article:
    """An article that came out at the step `moment`; it is known until it is `withdrawn`."""

    name: str
    blog: Blog
    author: int
    moment: int
    kinds: frozenset[str] = frozenset()
    group: int | None = None
    is_hidden: bool = False
    is_removed: bool = False
    withdrawn: bool = False

    @property
    def hidden(self) -> bool:
        return self.is_hidden or self.blog.hidden

    @property
    def removed(self) -> bool:
        return self.is_removed or self.blog.removed


@dataclass(eq=False)
class Comment:
    """A comment, which moderators can hide from others than its author, or remove."""

    name: str
    article: Article
    author: int
    hidden: bool = False
    removed: bool = False
