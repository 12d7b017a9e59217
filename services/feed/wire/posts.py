"""Posts as messages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from plein.chassis.v1 import audience_pb2
from plein.feed.v1 import feed_pb2

from chassis.moments import timestamp
from services.feed.domain.erasures import is_stand_in
from services.feed.domain.marks import MOST_CHOICES, UNMARKED, Mark
from services.feed.domain.polls import Poll
from services.feed.domain.posts import EVERYONE, Audience, Image, LinkPreview, Post
from services.feed.wire.cards import card


def post(domain: Post, mark: Mark = UNMARKED, original: feed_pb2.Post | None = None) -> feed_pb2.Post:
    """A post as its reader sees it. A deleted one shows neither text nor author."""
    message = stored_post(domain)
    if mark != UNMARKED:
        message.viewer.CopyFrom(viewer_of(mark))
    if original is not None:
        message.original.CopyFrom(original)
    return message


def viewer_of(mark: Mark) -> feed_pb2.PostViewer:
    """How a reader stands to a post."""
    return feed_pb2.PostViewer(
        reaction=feed_pb2.Reaction.ValueType(mark.reaction),
        bookmarked=mark.bookmarked,
        reshared=mark.reshared,
        votes=[place for place in range(MOST_CHOICES) if mark.votes >> place & 1],
    )


def stored_post(domain: Post) -> feed_pb2.Post:
    """A post without anything about its reader: what the cache holds."""
    return _deleted(domain) if domain.delete_time is not None else _standing(domain)


def _deleted(domain: Post) -> feed_pb2.Post:
    return feed_pb2.Post(
        name=domain.name,
        reply_to=_post_name(domain.reply_to),
        root=_post_name(domain.root),
        reply_count=domain.reply_count,
        create_time=timestamp(domain.create_time),
        delete_time=timestamp(domain.delete_time) if domain.delete_time else None,
    )


def _standing(domain: Post) -> feed_pb2.Post:
    return feed_pb2.Post(
        name=domain.name,
        author="" if is_stand_in(domain.author) else f"people/{domain.author}",
        author_gone=is_stand_in(domain.author),
        text=domain.text,
        mentions=[feed_pb2.Mention(person=f"people/{m.person}", handle=m.handle) for m in domain.mentions],
        tags=[f"tags/{tag}" for tag in domain.tags],
        reply_to=_post_name(domain.reply_to),
        root=_post_name(domain.root),
        audience=_audience(domain.audience),
        reply_count=domain.reply_count,
        reaction_counts=_counts(domain.reaction_counts),
        create_time=timestamp(domain.create_time),
        etag=domain.etag,
        edit_time=timestamp(domain.edit_time) if domain.edit_time else None,
        reply_rule=feed_pb2.ReplyRule.ValueType(domain.reply_rule),
        reshare_of=_post_name(domain.reshare_of),
        reshare_count=domain.reshare_count,
        images=[_image(image) for image in domain.images],
        poll=_poll(domain.poll) if domain.poll else None,
        link_preview=_link_preview(domain.link_preview) if domain.link_preview else None,
        announcement=domain.announcement,
        card=card(domain.card) if domain.card else None,
        hidden=domain.hidden,
    )


def without_person(message: bytes, person: str) -> bytes:
    """A serialized post that names somebody, `people/{person}`, no more."""
    shown = feed_pb2.Post.FromString(message)
    others = [mention for mention in shown.mentions if mention.person != person]
    del shown.mentions[:]
    shown.mentions.extend(others)
    if shown.author == person:
        shown.author, shown.author_gone = "", True
    return shown.SerializeToString()


def reaction(person: UUID, sort: int, moment: datetime) -> feed_pb2.PostReaction:
    """How somebody reacted."""
    return feed_pb2.PostReaction(
        person=f"people/{person}", reaction=feed_pb2.Reaction.ValueType(sort), create_time=timestamp(moment)
    )


def revision(
    moment: datetime, text: str, image_alt_texts: Sequence[str], poll_choices: Sequence[str]
) -> feed_pb2.PostRevision:
    """What a post said before."""
    return feed_pb2.PostRevision(
        create_time=timestamp(moment), text=text, image_alt_texts=image_alt_texts, poll_choices=poll_choices
    )


def _post_name(id_: UUID | None) -> str:
    return f"posts/{id_}" if id_ else ""


def _audience(audience: Audience) -> audience_pb2.Audience | None:
    if audience == EVERYONE:
        return None
    kinds = [audience_pb2.WorkerKind.ValueType(kind) for kind in audience.kinds]
    return audience_pb2.Audience(kinds=kinds, group=f"groups/{audience.group}" if audience.group else "")


def _image(image: Image) -> feed_pb2.Image:
    return feed_pb2.Image(image=f"images/{image.id}", alt_text=image.alt_text, width=image.width, height=image.height)


def _poll(poll: Poll) -> feed_pb2.Poll:
    choices = zip(poll.choices, poll.vote_counts, strict=True)
    return feed_pb2.Poll(
        choices=[feed_pb2.PollChoice(text=text, vote_count=count) for text, count in choices],
        multiple=poll.multiple,
        end_time=timestamp(poll.end_time),
        voter_count=poll.voter_count,
    )


def _link_preview(found: LinkPreview) -> feed_pb2.LinkPreview:
    return feed_pb2.LinkPreview(url=found.url, title=found.title, description=found.description, site=found.site)


def _counts(counts: tuple[int, ...]) -> list[feed_pb2.ReactionCount]:
    """Most first; sorts that nobody chose are left out."""
    chosen = [(count, reaction) for reaction, count in enumerate(counts, start=1) if count]
    return [
        feed_pb2.ReactionCount(reaction=feed_pb2.Reaction.ValueType(reaction), count=count)
        for count, reaction in sorted(chosen, key=lambda pair: (-pair[0], pair[1]))
    ]
