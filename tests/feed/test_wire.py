"""A page of a home is joined from serialized posts; readers must not be able to tell."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from plein.feed.v1 import feed_pb2

from services.feed import wire
from services.feed.domain.marks import Mark
from services.feed.domain.posts import Audience, Mention, Post

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


def post(number: int, text: str) -> Post:
    """A post with something in every field."""
    return Post(
        id=UUID(int=number << 80 | 7 << 76 | 2 << 62),
        author=UUID(int=1),
        text=text,
        root=UUID(int=number),
        create_time=NOON,
        mentions=(Mention(UUID(int=2), "bob"),) * (number % 3),
        tags=("a", "é") * (number % 2),
        audience=Audience((1, 3) if number % 2 else (), UUID(int=9) if number % 3 else None),
        reply_count=number,
        reaction_counts=(0, number, 0, 1, 0, 0),
    )


@pytest.mark.parametrize("letters", [0, 1, 100, 127, 128, 8_000, 16_000, 16_384, 20_000, 1_000_000])
def test_a_joined_page_is_what_protobuf_would_have_written(letters: int) -> None:
    posts = [post(number, "é" * (letters // 2) + "a" * (letters % 2)) for number in range(7)]
    marks = [Mark(number % 7, bool(number & 1), bool(number & 2), number) for number in range(7)]
    original = wire.stored_post(posts[1])
    found = [
        wire.joinable(
            wire.stored_post(domain).SerializeToString(),
            bytes(8) + mark.packed,
            original.SerializeToString() if mark.reshared else None,
        )
        for domain, mark in zip(posts, marks, strict=True)
    ]
    expected = [
        wire.post(domain, mark, original if mark.reshared else None) for domain, mark in zip(posts, marks, strict=True)
    ]
    page = feed_pb2.ListHomePostsResponse.FromString(wire.joined_page(found, "t" * 200, "p"))
    assert page == feed_pb2.ListHomePostsResponse(posts=expected, next_page_token="t" * 200, previous_page_token="p")


@pytest.mark.parametrize("length", [126, 127, 128, 129, 16_383, 16_384, 16_385, 2_097_151])
def test_lengths_are_right_where_they_take_a_byte_more(length: int) -> None:
    overhead = len(feed_pb2.Post(text="a" * length).SerializeToString()) - length
    content = feed_pb2.Post(text="a" * (length - overhead)).SerializeToString()
    page = feed_pb2.ListHomePostsResponse.FromString(wire.joined_page([wire.joinable(content, None)] * 2))
    assert [found.SerializeToString() for found in page.posts] == [content] * 2


def test_a_page_of_nothing_is_empty() -> None:
    assert wire.joined_page([]) == feed_pb2.ListHomePostsResponse().SerializeToString() == b""


def test_a_moment_and_a_person_come_back_to_the_microsecond() -> None:
    for microsecond in (0, 1, 123_456, 999_999):
        moment = NOON.replace(microsecond=microsecond)
        assert wire.moment_and_person(wire.position(moment, UUID(int=7))) == (moment, UUID(int=7))
