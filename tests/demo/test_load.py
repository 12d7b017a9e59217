"""What is loaded keeps the feed's rules. That a whole stack takes it is shown in tests/end_to_end."""

from datetime import UTC, datetime
from uuid import UUID

import protovalidate

from deploy.demo.company import LEAST_PEOPLE, company
from deploy.demo.load import activity_requests
from deploy.demo.posts import activity

NOW = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)


def test_the_feed_is_asked_in_pieces_that_it_takes() -> None:
    staff = company(LEAST_PEOPLE, today=NOW.date())
    happened = activity(staff, now=NOW)
    names = {person.personnel_number: f"people/{UUID(int=index)}" for index, person in enumerate(staff.people)}
    requests = list(activity_requests(happened, names))
    for request in requests:
        protovalidate.validate(request)
    assert sum(len(request.posts) for request in requests) == len(happened.posts)
    assert sum(len(request.reactions) for request in requests) == len(happened.reactions)
    known: set[str] = set()
    for post in (post for request in requests for post in request.posts):
        assert {post.reply_to_external_id, post.reshare_of_external_id} <= known | {""}
        assert not (post.reply_to_external_id and post.audience.kinds)
        known.add(post.external_id)
