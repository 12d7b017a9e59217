"""Contents of any kind and size, such as files that people share: stored and read as streams, under names that their
owner gives out. Nothing is held in memory as a whole. Images, which are small and made anew, are `chassis.media`'s.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import suppress

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from chassis.problems import NotFound, Unavailable

CHUNK_BYTES = 256 * 1024


class Objects:
    """Where objects lie: `file:///folder` or `s3://bucket/prefix`, as for `Media`; `folder` is one below it.

    Whoever stores an object notes its name before, so that what a crash leaves over can be removed.
    """

    def __init__(self, url: str, folder: str) -> None:
        self._store: ObjectStore = from_url(url, mkdir=True) if url.startswith("file:") else from_url(url)
        self._folder = folder

    async def keep(self, name: str, content: AsyncIterator[bytes]) -> None:
        """Stores all that comes. When `content` raises, nothing is stored and its error goes on to the caller."""
        try:
            await obstore.put_async(self._store, self._path(name), content)
        except BaseError as error:
            raise _away() from error

    async def chunks(self, name: str) -> AsyncIterator[bytes]:
        """What is stored under a name, piece by piece; NotFound before the first one when there is nothing."""
        try:
            found = await obstore.get_async(self._store, self._path(name))
            async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)
        except FileNotFoundError as error:
            raise NotFound("NO_CONTENT", "There is nothing under that name.") from error
        except BaseError as error:
            raise _away() from error

    async def content(self, name: str) -> bytes:
        """All that is stored under a name, for what is known to be small."""
        return b"".join([chunk async for chunk in self.chunks(name)])

    async def remove(self, names: Iterable[str]) -> None:
        """Removes what is stored under names. What is not there is as good as removed."""
        try:
            for name in names:
                with suppress(FileNotFoundError):
                    await obstore.delete_async(self._store, self._path(name))
        except BaseError as error:
            raise _away() from error

    def _path(self, name: str) -> str:
        # The end of a name made by the clock is chance, so folders fill evenly.
        return f"{self._folder}/{name[-2:]}/{name}"


async def whole(content: bytes) -> AsyncIterator[bytes]:
    """What is in memory already, as a stream."""
    yield content


def _away() -> Unavailable:
    return Unavailable("MEDIA_AWAY", "Where files are stored cannot be reached.")
