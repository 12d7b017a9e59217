"""Pages that are joined from bytes: what was serialized before is not parsed again."""

from collections.abc import Iterable
from functools import lru_cache

from plein.feed.v1 import feed_pb2

from services.feed.domain.marks import UNMARKED, Mark
from services.feed.wire.posts import viewer_of

_UNMARKED = UNMARKED.packed


def joined_page(posts: Iterable[bytes], next_token: str = "", previous_token: str = "") -> bytes:
    """A serialized ListHomePostsResponse of posts that are `joinable`."""
    parts = list(posts)
    for tag, token in ((_NEXT_PAGE_TOKEN, next_token), (_PREVIOUS_PAGE_TOKEN, previous_token)):
        if token:
            parts += (tag, _length(len(token)), token.encode())
    return b"".join(parts)


def joinable(content: bytes, mark: bytes | None, original: bytes | None = None) -> bytes:
    """A serialized post as it stands in a page, with the reader's mark as the cache holds it, and its original.

    The post comes without `viewer` and `original`, which are appended: a field that stands twice is one that Envoy
    refuses. A mark is 8 bytes of version and 3 of what it says.
    """
    content = with_viewer(content, mark)
    if original is not None:
        content += _ORIGINAL + _length(len(original)) + original
    return _POSTS + _length(len(content)) + content


def with_viewer(content: bytes, mark: bytes | None) -> bytes:
    """A serialized post with its reader's mark as the cache holds it."""
    return content if mark is None or mark[8:] == _UNMARKED else content + _viewer(mark[8:])


@lru_cache(maxsize=4096)
def _viewer(mark: bytes) -> bytes:
    """The field `viewer` of a post."""
    reaction, flags, votes = mark
    message = feed_pb2.Post(viewer=viewer_of(Mark(reaction, bool(flags & 1), bool(flags & 2), votes)))
    return message.SerializeToString()


def _length(number: int) -> bytes:
    """A length as protobuf writes it."""
    return _LENGTHS[number] if number < len(_LENGTHS) else _varint(number)


def _varint(number: int) -> bytes:
    """Base 128 Varints, up to 2 MiB."""
    if number < 128:
        return bytes((number,))
    if number < 16_384:
        return bytes((number & 127 | 128, number >> 7))
    return bytes((number & 127 | 128, number >> 7 & 127 | 128, number >> 14))


def _tag(field: int) -> bytes:
    """The tag of a length-delimited field: its number, then wire type 2."""
    return _varint(field << 3 | 2)


_LENGTHS = [_varint(number) for number in range(4096)]
_POSTS = _tag(feed_pb2.ListHomePostsResponse.POSTS_FIELD_NUMBER)
_NEXT_PAGE_TOKEN = _tag(feed_pb2.ListHomePostsResponse.NEXT_PAGE_TOKEN_FIELD_NUMBER)
_PREVIOUS_PAGE_TOKEN = _tag(feed_pb2.ListHomePostsResponse.PREVIOUS_PAGE_TOKEN_FIELD_NUMBER)
_ORIGINAL = _tag(feed_pb2.Post.ORIGINAL_FIELD_NUMBER)
