"""What people write where not everybody may read it: each scene puts canaries there and says who may see them."""

from collections.abc import Callable, Iterable

from plein.identity.v1 import identity_pb2

from tests.canary.cast import PEOPLE, Cast
from tests.canary.crawl import Canary
from tests.canary.scenes import blog, care, feed, groups

Scene = Callable[[Cast], list[Canary]]
SCENES: Iterable[Scene] = (
    feed.posts,
    feed.images,
    feed.profiles,
    feed.own_things,
    feed.systems,
    groups.groups,
    groups.pages,
    blog.articles,
    blog.comments,
    blog.consultations,
    care.reports,
    care.filters,
    care.decisions,
)


async def set_apart(cast: Cast) -> None:
    """Gives out the roles and raises the barrier, before anybody writes."""
    for handle, (_, _, roles) in PEOPLE.items():
        for role in roles:
            await cast.as_operator("GrantRole", identity_pb2.GrantRoleRequest(name=cast.names[handle], role=role))
            cast.sign_in_again(handle)
    policy = {"barriers": [{"segment": "network", "otherSegment": "retail"}]}
    cast.ask("administrator", "PATCH", "/v1/barrierPolicy", json=policy)
    cast.until_refused("retail", f"/v1/{cast.names['ada']}")
    cast.post("ada", f"/v1/{cast.names['blocked']}:block")


async def clear_away(cast: Cast) -> None:
    """Who is suspended wrote before, and sees nothing any more."""
    await cast.as_operator("SuspendPerson", identity_pb2.SuspendPersonRequest(name=cast.names["suspended"]))
    cast.until_refused("suspended", "/v1/timelines/home/posts")
