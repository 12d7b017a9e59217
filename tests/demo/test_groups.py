"""The groups of the demonstration keep the rules of groups and of the feed."""

from datetime import UTC, datetime
from uuid import UUID

import protovalidate

from deploy.demo.company import LEAST_PEOPLE, apart, company, read
from deploy.demo.groups import Account, Founded, posts_in

NOW = datetime(2027, 3, 15, 0, 5, tzinfo=UTC)
GROUPS = read("groups")


def test_everybody_in_a_group_may_meet_everybody_in_it() -> None:
    accounts = {person.handle: person for person in company(LEAST_PEOPLE, today=NOW.date()).accounts}
    for made in GROUPS:
        people = [accounts[handle] for handle in (made["founder"], *made["keepers"], *made["members"])]
        assert len({person.handle for person in people}) == len(people)
        assert not any(apart(one, other) for one in people for other in people), made["title"]


def test_only_who_is_in_a_group_writes_and_answers_in_it() -> None:
    for made in GROUPS:
        belong = {made["founder"], *made["keepers"], *made["members"]}
        event = made.get("event", {"by": made["founder"], "answers": {}})
        assert {event["by"], *event["answers"], *(post["by"] for post in made["posts"])} <= belong


def test_what_was_written_is_of_the_past_and_the_feed_takes_it() -> None:
    accounts = {person.handle: person for person in company(LEAST_PEOPLE, today=NOW.date()).accounts}
    known = {handle: Account(f"people/{UUID(int=1)}", "token") for handle in accounts}
    for made in GROUPS:
        posts = posts_in(Founded(f"groups/{UUID(int=2)}", made), known, NOW)
        times = [post.create_time.ToDatetime(tzinfo=UTC) for post in posts]
        assert times == sorted(times)
        assert max(times) < NOW
        for post in posts:
            protovalidate.validate(post)
