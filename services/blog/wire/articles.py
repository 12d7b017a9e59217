"""Articles as messages."""

from plein.blog.v1 import articles_pb2

from chassis.moments import timestamp
from services.blog.domain.articles import Article
from services.blog.wire.blogs import audience, cover, person_name


def article(domain: Article, *, whole: bool = True, working: bool = False) -> articles_pb2.Article:
    """An article as its readers see it; without its text unless it is wanted `whole`.

    Who is `working` at it also sees when it is to be published.
    """
    published, content = domain.published, domain.published.content
    message = articles_pb2.Article(
        name=domain.name,
        blog=f"blogs/{domain.blog}",
        author=person_name(domain.author),
        title=content.title if domain.is_out else domain.draft_title,
        audience=audience(domain.audience),
        state=articles_pb2.ArticleState.ValueType(domain.state),
        summary=published.summary,
        tags=[f"tags/{tag}" for tag in published.tags],
        mentions=[f"people/{person}" for person in published.mentions],
        cover=cover(content.cover),
        reading_minutes=published.reading_minutes,
        slug=domain.slug,
        series=f"blogs/{domain.blog}/series/{domain.series}" if domain.series else "",
        create_time=timestamp(domain.create_time),
        etag=domain.etag,
    )
    if whole:
        message.text, message.html = content.text, published.html
    if working:
        message.schedule_problem = domain.schedule_problem
    for field in ("publish_time", "edit_time", *(["schedule_time"] if working else [])):
        if moment := getattr(domain, field):
            getattr(message, field).CopyFrom(timestamp(moment))
    return message
