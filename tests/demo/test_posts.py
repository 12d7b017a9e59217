"""What the demonstration company writes could have been written there."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
import regex

from deploy.demo import texts
from deploy.demo.company import Company, apart, company, read
from deploy.demo.follows import is_quiet
from deploy.demo.posts import Activity, Post, activity

NOW = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)
TEXTS_SHA256 = "501d8016c878b58ff5db39d350389629236184f7121556c8db5069908c3a75b2"
MENTION = re.compile(r"@([a-z0-9][a-z0-9.-]*)")


@pytest.fixture(scope="module")
def staff() -> Company:
    return company(300, today=NOW.date())


@pytest.fixture(scope="module")
def happened(staff: Company) -> Activity:
    return activity(staff, now=NOW)


@pytest.fixture(scope="module")
def posts(happened: Activity) -> dict[str, Post]:
    return {post.external_id: post for post in happened.posts}


def test_the_same_words_are_said_everywhere(happened: Activity) -> None:
    assert written(happened) == TEXTS_SHA256


def test_another_day_has_the_same_words_at_other_times(happened: Activity) -> None:
    now = NOW + timedelta(days=101, hours=7)
    later = activity(company(300, today=now.date()), now=now)
    assert written(later) == written(happened)
    assert max(post.create_time for post in later.posts) > NOW


def test_there_is_enough_to_see(happened: Activity) -> None:
    assert 1300 <= len(happened.posts) <= 2000
    assert 2300 <= len(happened.reactions) <= 4000
    assert len([post for post in happened.posts if post.reply_to]) > 600
    assert len([post for post in happened.posts if post.kinds]) > 10


def test_both_languages_are_written_and_dutch_most(happened: Activity) -> None:
    languages = Counter(post.language for post in happened.posts)
    assert languages["nl"] > languages["en"] > 200


def test_everything_happened_in_the_last_weeks(happened: Activity) -> None:
    assert all(NOW - timedelta(days=30) < post.create_time < NOW for post in happened.posts)
    assert max(post.create_time for post in happened.posts) > NOW - timedelta(hours=1)


def test_no_post_is_longer_than_the_feed_takes(happened: Activity) -> None:
    assert max(len(regex.findall(r"\X", post.text)) for post in happened.posts) <= 500


def test_no_slot_stays_open(happened: Activity) -> None:
    assert not [post.text for post in happened.posts if set("{}[]|") & set(post.text)]


def test_every_mention_is_somebody(staff: Company, happened: Activity) -> None:
    handles = {person.handle: person.personnel_number for person in staff.people}
    for post in happened.posts:
        mentioned = [handles[handle] for handle in MENTION.findall(post.text)]
        assert set(mentioned) == set(post.mentions)


def test_a_reply_comes_after_what_it_answers(posts: dict[str, Post]) -> None:
    for post in posts.values():
        if post.reply_to:
            assert post.create_time > posts[post.reply_to].create_time


def test_some_things_are_passed_on_after_they_were_written(happened: Activity, posts: dict[str, Post]) -> None:
    reshares = [post for post in happened.posts if post.reshare_of]
    assert 10 <= len(reshares) <= 60
    assert {bool(post.text) for post in reshares} == {True, False}
    assert all(post.create_time > posts[post.reshare_of].create_time for post in reshares)
    assert not [post for post in reshares if post.kinds or post.author == posts[post.reshare_of].author]


def test_nobody_follows_mentions_answers_or_greets_across_the_barrier(
    staff: Company, happened: Activity, posts: dict[str, Post]
) -> None:
    met = [(one, other) for one, others in happened.follows.items() for other in others]
    met += [(post.author, mentioned) for post in posts.values() for mentioned in post.mentions]
    met += [(post.author, above.author) for post in posts.values() for above in thread_above(post, posts)]
    met += [
        (reaction.person, post.author)
        for reaction in happened.reactions
        for post in [posts[reaction.post], *thread_above(posts[reaction.post], posts)]
    ]
    assert not [pair for pair in met if apart(staff.by_number[pair[0]], staff.by_number[pair[1]])]


def test_what_is_for_employees_stays_among_employees(
    staff: Company, happened: Activity, posts: dict[str, Post]
) -> None:
    involved = [(post, post.author) for post in posts.values()]
    involved += [(post, mentioned) for post in posts.values() for mentioned in post.mentions]
    involved += [(posts[reaction.post], reaction.person) for reaction in happened.reactions]
    assert not [number for post, number in involved if post.kinds and staff.by_number[number].kind not in post.kinds]


def test_nobody_follows_themselves_or_reacts_twice(happened: Activity) -> None:
    assert not [number for number, followees in happened.follows.items() if number in followees]
    assert all(len(set(followees)) == len(followees) for followees in happened.follows.values())
    reacted = [(reaction.post, reaction.person) for reaction in happened.reactions]
    assert len(set(reacted)) == len(reacted)


def test_most_people_take_part(staff: Company, happened: Activity) -> None:
    lively = [person for person in staff.people if not is_quiet(person)]
    assert len(lively) >= 0.6 * len(staff.people)
    for person in lively:
        assert len(happened.follows[person.personnel_number]) >= 20


def test_a_page_never_says_the_same_thing_twice(happened: Activity) -> None:
    messages = [post for post in happened.posts if not post.reply_to and not post.reshare_of]
    for start in range(0, len(messages), 20):
        beginnings = [post.text[:25] for post in messages[start : start + 20]]
        assert len(set(beginnings)) >= len(beginnings) - 1


def test_a_large_company_writes_about_a_post_a_person() -> None:
    large = company(3000, today=date(2027, 3, 15))
    assert 3000 <= len(activity(large, now=NOW).posts) <= 6000


def test_there_are_sentences_enough_and_a_mention_never_ends_one() -> None:
    written = [template.text for template in texts.templates()]
    replies = [
        answer.text
        for language in texts.LANGUAGES
        for topic in read("replies")[language]
        for answer in texts.answers(language, topic)
    ]
    assert Counter(template.language for template in texts.templates()) >= Counter(nl=120, en=60)
    assert len(replies) >= 60
    assert not [text for text in written + replies if re.search(r"\{(colleague2?|newcomer|author)\}[.\-\w]", text)]


def thread_above(post: Post, posts: dict[str, Post]) -> list[Post]:
    above = []
    while post.reply_to or post.reshare_of:
        post = posts[post.reply_to or post.reshare_of]
        above.append(post)
    return above


def written(happened: Activity) -> str:
    told = sorted((post.external_id, post.author, post.text) for post in happened.posts)
    return sha256(repr(told).encode()).hexdigest()
