"""While the owner of something cannot be asked, nothing is reported or judged, and nothing is given away."""

from uuid import uuid4

from tests.moderation.caller import Meet, refused
from tests.moderation.judging import Judge
from tests.moderation.owners import Shelf


async def test_what_cannot_be_looked_at_cannot_be_reported_now(meet: Meet, shelf: Shelf) -> None:
    ada, bob = await meet("ada", "bob")
    post, unknown = shelf.put(ada), f"posts/{uuid4()}"
    shelf.away = True
    known, other = (await refused(bob.report(post))), (await refused(bob.report(unknown)))
    assert known.code == "UNAVAILABLE"
    assert known.without(post) == other.without(unknown)
    shelf.away = False
    assert (await bob.report(post)).name


async def test_nobody_judges_while_it_is_not_known_who_is_concerned(meet: Meet, shelf: Shelf) -> None:
    ada, bob = await meet("ada", "bob")
    (caller,) = await meet("mia", roles=["moderator"])
    mia, post = Judge(caller), shelf.put(ada)
    await bob.report(post)
    case = await mia.take((await mia.about(post)).name)
    shelf.away = True
    for attempt in (mia.file(case.name), mia.decide(case.name, "REMOVE"), mia.decide_many([case.name], "REMOVE")):
        assert (await refused(attempt)).code == "UNAVAILABLE"
    shelf.away = False
    assert (await mia.read(case.name)).assignee == mia.name
    assert (await mia.decide(case.name, "REMOVE")).verdict
