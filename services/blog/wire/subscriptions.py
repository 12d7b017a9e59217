"""Subscriptions and addresses as messages, and their names."""

from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from uuid import UUID

from plein.blog.v1 import subscriptions_pb2

from chassis.markdown import folded_tag, parsed
from chassis.moments import timestamp
from chassis.problems import BadInput, NotFound
from services.blog.domain.subscriptions import Address, Sort, Target
from services.blog.wire.names import blog_id, person_id

PATH = "/v1/articles:atom"


def target(name: str, field: str = "target") -> Target:
    """What a resource name names. What is no id is as unknown as an id of nothing; BadInput for what can be no tag."""
    sort, _, value = name.partition("/")
    match sort:
        case Sort.BLOG:
            return Target(Sort.BLOG, str(blog_id(name)))
        case Sort.AUTHOR:
            return Target(Sort.AUTHOR, str(person_id(name)))
    folded = folded_tag(value)
    if parsed(f"#{folded}").tags != (folded,):
        raise BadInput("NO_TAG", "{name} can be no tag of an article.", field=field, name=name)
    return Target(Sort.TAG, folded)


def subscription(name: str, since: datetime) -> subscriptions_pb2.Subscription:
    """That somebody is told of new articles."""
    return subscriptions_pb2.Subscription(target=name, create_time=timestamp(since))


def atom_address(domain: Address) -> subscriptions_pb2.AtomAddress:
    """An address without its URL, which is nowhere kept."""
    return subscriptions_pb2.AtomAddress(
        name=f"atomAddresses/{domain.id}", target=domain.target.name, create_time=timestamp(domain.create_time)
    )


def address_id(name: str) -> UUID:
    """The id in `atomAddresses/{address}`. What is no id at all is as unknown as an id of nothing."""
    try:
        return UUID(name.removeprefix("atomAddresses/"))
    except ValueError:
        raise unknown_address() from None


def target_position(moment: datetime, name: str) -> bytes:
    """Where a list of subscriptions goes on."""
    return f"{moment.isoformat()} {name}".encode()


def moment_and_target(packed: bytes | None) -> tuple[datetime, str] | None:
    """The inverse of `target_position`."""
    if packed is None:
        return None
    moment, _, name = packed.decode().partition(" ")
    return datetime.fromisoformat(moment), name


def http_date(moment: datetime) -> str:
    """A moment as headers have it."""
    return format_datetime(moment, usegmt=True)


def moment_in(http_date: str | None) -> datetime | None:
    """The inverse of `http_date`; None for what is no date."""
    try:
        moment = parsedate_to_datetime(http_date or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def unknown_address() -> NotFound:
    """The same for every address at which nothing is read."""
    return NotFound("ADDRESS_NOT_FOUND", "There is nothing to read at this address, or not any more.")


def not_subscribed(name: str) -> NotFound:
    return NotFound("NOT_SUBSCRIBED", "You have no subscription to {name}.", name=name)
