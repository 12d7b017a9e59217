"""Where checkpoints of the audit log are kept, outside the database: a folder, or a bucket that keeps what is in it."""

import asyncio
from pathlib import PurePosixPath

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import ObjectStore, from_url

from chassis.problems import Unavailable

SUFFIX = ".jws"
# So many that the names are in the order of the positions.
DIGITS = 19


class Shelf:
    """Signed checkpoints by the position that they tell of, at `file:///folder` or `s3://bucket/prefix`."""

    def __init__(self, url: str) -> None:
        self._store: ObjectStore = from_url(url, mkdir=True) if url.startswith("file:") else from_url(url)

    async def positions(self, after: int = 0) -> list[int]:
        """The positions of the checkpoints after one, in order."""
        try:
            listed = obstore.list(self._store, offset=_name(after) if after else None)
            names = [found["path"] async for page in listed for found in page]
        except BaseError as error:
            raise _away() from error
        stems = [PurePosixPath(name).stem for name in names if name.endswith(SUFFIX)]
        return sorted(position for stem in stems if stem.isdecimal() and (position := int(stem)) > after)

    async def put(self, position: int, token: str) -> bool:
        """Keeps a checkpoint; False when there is one already, which is never replaced."""
        try:
            await obstore.put_async(self._store, _name(position), token.encode(), mode="create")
        except AlreadyExistsError:
            return False
        except BaseError as error:
            raise _away() from error
        return True

    async def token(self, position: int) -> str:
        """The signed text of a checkpoint that is there."""
        try:
            found = await obstore.get_async(self._store, _name(position))
            return bytes(await found.bytes_async()).decode(errors="replace")
        except (BaseError, FileNotFoundError) as error:
            raise _away() from error

    async def tokens(self) -> list[str]:
        """All of them, in the order of their positions."""
        positions = await self.positions()
        limit = asyncio.Semaphore(32)

        async def read(position: int) -> str:
            async with limit:
                return await self.token(position)

        return list(await asyncio.gather(*map(read, positions)))


def _name(position: int) -> str:
    return f"{position:0{DIGITS}}{SUFFIX}"


def _away() -> Unavailable:
    return Unavailable("CHECKPOINTS_AWAY", "Where the checkpoints of the audit log are kept cannot be reached.")
