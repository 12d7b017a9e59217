"""Images that people bring: judged by what is in them and not by their name, made anew as WebP so that nothing of the
file itself (place, camera, hidden text) comes along, and stored under the SHA-256 of their content.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url
from PIL import Image, ImageOps
from PIL import WebPImagePlugin as WebPImagePlugin  # else Pillow loads all its fifty formats to find this one

from chassis.problems import BadInput, NotFound, Unavailable

CONTENT_TYPE = "image/webp"
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
QUALITY = 82

# Pillow's own limit only warns at first; `_check` refuses before anything is decoded.
Image.MAX_IMAGE_PIXELS = None
# Pillow lets go of the interpreter's lock while it works, so a thread fills a core.
_threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="images")


Shape = Callable[[Image.Image, int], Image.Image]


@dataclass(frozen=True, slots=True)
class Picture:
    """A WebP image and its size in pixels."""

    content: bytes
    width: int
    height: int


async def squares(content: bytes, sizes: Sequence[int], field: str) -> list[bytes]:
    """The middle of a JPEG, PNG or WebP image as square WebP images, one for each of `sizes`, in pixels.

    A small image is not enlarged, but comes out in its own size.

    BadInput names `field` when the content is no such image, is damaged, moves, or is too large.
    """
    return [made.content for made in await _in_thread(_square, content, sizes, field)]


async def fitted(content: bytes, sizes: Sequence[int], field: str) -> list[Picture]:
    """A whole JPEG, PNG or WebP image as WebP images, none of whose sides is longer than `sizes` say, in pixels.

    Not enlarged, and refused as by `squares`.
    """
    return await _in_thread(_fit, content, sizes, field)


async def _in_thread(shape: Shape, content: bytes, sizes: Sequence[int], field: str) -> list[Picture]:
    return await asyncio.get_running_loop().run_in_executor(_threads, _made, shape, content, sizes, field)


def _made(shape: Shape, content: bytes, sizes: Sequence[int], field: str) -> list[Picture]:
    # The smaller ones are made of the largest: that is several times cheaper, and nobody sees the difference.
    largest = shape(_plain(content, max(sizes), field), max(sizes))
    shaped = [shape(largest, size) for size in sizes]
    return [Picture(_webp(image), *image.size) for image in shaped]


def _plain(content: bytes, size: int, field: str) -> Image.Image:
    """The image, upright and with nothing but its pixels, at least as large as `size` if it is."""
    if len(content) > MOST_BYTES:
        sentence = "An image has at most {most} bytes, and this one has {bytes}."
        raise BadInput("IMAGE_TOO_LARGE", sentence, field=field, most=MOST_BYTES, bytes=len(content))
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            _check(image, field)
            # A large JPEG is decoded at a fraction of its size, which saves most of the time and memory.
            image.draft("RGB", (size, size))
            # In place, since a copy of the largest image that is taken has 120 MB.
            ImageOps.exif_transpose(image, in_place=True)
            mode = "RGBA" if image.has_transparency_data else "RGB"
            image.load()
            return image if image.mode == mode else image.convert(mode)
    except (BadInput, MemoryError):
        raise
    except Exception as error:  # decoders fail on damaged files in more ways than they document
        sentence = "This is not a whole JPEG, PNG or WebP image."
        raise BadInput("NO_IMAGE", sentence, field=field) from error


def _fit(image: Image.Image, size: int) -> Image.Image:
    longest = max(image.size)
    if longest <= size:
        return image
    width, height = (max(1, round(side * size / longest)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=1.5)


def _square(image: Image.Image, size: int) -> Image.Image:
    side = min(image.size)
    size = min(size, side)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    # The gap makes it two steps, the first of them cheap; nobody sees the difference.
    return image.resize((size, size), Image.Resampling.LANCZOS, box, reducing_gap=1.5)


def _check(image: Image.Image, field: str) -> None:
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        sentence = "An image has at most {most} pixels, and this one has {pixels}."
        raise BadInput("IMAGE_TOO_LARGE", sentence, field=field, most=MOST_PIXELS, pixels=pixels)
    # Telephones put depth or a second lens beside a JPEG: more frames, but nothing moves.
    if image.format in ("PNG", "WEBP") and getattr(image, "n_frames", 1) > 1:
        raise BadInput("IMAGE_MOVES", "An image that moves cannot be used here.", field=field)


def _webp(image: Image.Image) -> bytes:
    file = BytesIO()
    # Twice as fast as the default, for files that are hardly larger.
    image.save(file, "WEBP", quality=QUALITY, method=2)
    return file.getvalue()


class Media:
    """Where content lies: `file:///folder` or `s3://bucket/prefix`; what S3 needs to know is in AWS_… variables.

    `folder` is one below it, for whoever removes content: what others stored there is not its to remove.
    """

    def __init__(self, url: str, folder: str = "") -> None:
        self._store: ObjectStore = from_url(url, mkdir=True) if url.startswith("file:") else from_url(url)
        self._folder = f"{folder}/" if folder else ""

    async def keep(self, content: bytes) -> str:
        """Stores content and returns its name: its SHA-256 in hexadecimal. The same content is stored once."""
        name = named(content)
        try:
            await obstore.put_async(self._store, self._path(name), content)
        except BaseError as error:
            raise _away() from error
        return name

    async def content(self, name: str) -> bytes:
        """What is stored under a name. Who may see it is decided before, by whoever knows whose it is."""
        try:
            found = await obstore.get_async(self._store, self._path(name))
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise NotFound("NO_CONTENT", "There is nothing under that name.") from error
        except BaseError as error:
            raise _away() from error

    async def remove(self, names: Sequence[str]) -> None:
        """Removes what is stored under names. What is not there is as good as removed."""
        try:
            for name in names:
                with suppress(FileNotFoundError):
                    await obstore.delete_async(self._store, self._path(name))
        except BaseError as error:
            raise _away() from error

    def _path(self, name: str) -> str:
        return f"{self._folder}{name[:2]}/{name}"


def named(content: bytes) -> str:
    """The name under which content is kept."""
    return sha256(content).hexdigest()


def _away() -> Unavailable:
    return Unavailable("MEDIA_AWAY", "Where images are stored cannot be reached.")
