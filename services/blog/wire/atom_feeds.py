"""Articles and people as what an Atom document says of them."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

from plein.identity.v1 import identity_pb2

from services.blog.domain.articles import Article
from services.blog.domain.blogs import Blog
from services.blog.domain.erasures import is_stand_in
from services.blog.domain.subscriptions import Address, Sort, Target
from services.blog.wire.atom import Entry, Feed

FORMER = {"nl": "Voormalige collega", "en": "Former colleague"}

People = Mapping[UUID, identity_pb2.Person]


def feed(address: Address, url: str, home: str, blog: Blog | None, articles: Sequence[Article], people: People) -> Feed:
    """What is read at an address. `people` are the authors and whose address it is, as far as identity knows them."""
    reader = people.get(address.person)
    former = FORMER.get(reader.language if reader else "nl", FORMER["nl"])
    names = {id_: f"{person.given_name} {person.family_name}".strip() for id_, person in people.items()}
    entries = [_entry(article, home, names.get(article.author) or former) for article in articles]
    target = address.target
    return Feed(
        id=_id(target),
        title=_title(target, blog, names) or former,
        subtitle=blog.description if blog else "",
        url=url,
        page=f"{home}/{target.sort}/{quote(target.value, safe='')}",
        home=home,
        updated=max((entry.updated for entry in entries), default=address.create_time),
        entries=entries,
    )


def _entry(article: Article, home: str, author: str) -> Entry:
    published, content = article.published, article.published.content
    came_out = article.publish_time or article.create_time
    return Entry(
        id=article.id,
        title=content.title,
        page=f"{home}/articles/{article.slug}",
        author=author,
        author_page="" if is_stand_in(article.author) else f"{home}/people/{article.author}",
        published=came_out,
        updated=article.edit_time or came_out,
        summary=published.summary,
        html=published.html,
        tags=published.tags,
    )


def _id(target: Target) -> UUID:
    """The same for all who read it, wherever the site is."""
    return uuid5(NAMESPACE_URL, target.name) if target.sort is Sort.TAG else target.id


def _title(target: Target, blog: Blog | None, names: Mapping[UUID, str]) -> str:
    if blog is not None:
        return blog.title
    return f"#{target.value}" if target.sort is Sort.TAG else names.get(target.id, "")
