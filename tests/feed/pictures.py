"""Images in the words that the tests use: uploaded, put into posts, looked at."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import url2pathname

from google.api import httpbody_pb2
from PIL import Image
from plein.feed.v1 import feed_pb2, media_pb2, media_pb2_grpc

from chassis.testing import World
from tests.feed.caller import Caller, audience


def file_of(colour: str = "red", size: tuple[int, int] = (64, 48), kind: str = "JPEG", **options: Any) -> bytes:
    """An image file of one colour."""
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, kind, **options)
    return file.getvalue()


def api(caller: Caller) -> Any:
    return media_pb2_grpc.MediaServiceStub(caller.channel)


async def uploaded(caller: Caller, content: bytes | None = None, request_id: str = "") -> media_pb2.UploadedImage:
    """An image that the caller took in."""
    file = httpbody_pb2.HttpBody(data=file_of() if content is None else content)
    answer: media_pb2.UploadedImage = await api(caller).UploadImage(
        media_pb2.UploadImageRequest(file=file, request_id=request_id)
    )
    return answer


async def content(caller: Caller, image: str, size: str = "large") -> bytes:
    """An image as the caller sees it."""
    request = media_pb2.GetImageContentRequest(name=f"{image}/sizes/{size}")
    answer = await api(caller).GetImageContent(request)
    assert answer.content_type == "image/webp"
    return bytes(answer.data)


async def illustrated(
    caller: Caller, *images: str, text: str = "", reply_to: str = "", kinds: Sequence[str] = (), alt_text: str = ""
) -> feed_pb2.Post:
    """A post with images."""
    named = [feed_pb2.Image(image=image, alt_text=alt_text) for image in images]
    post = feed_pb2.Post(text=text, images=named, reply_to=reply_to, audience=audience(kinds))
    answer: feed_pb2.Post = await caller.api.CreatePost(feed_pb2.CreatePostRequest(post=post))
    return answer


def stored(world: World) -> list[str]:
    """The names of all contents that lie in the store."""
    folder = Path(url2pathname(world.server.settings.media_url.removeprefix("file://")))
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
