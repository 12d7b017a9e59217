"""Images between their upload and the post in which they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.problems import BadInput, TooMuch
from services.feed.domain.posts import Image

# The longest side in pixels.
SIZES = {"large": 1600, "small": 480}
KEPT_UNUSED = timedelta(days=1)
# Of one person at a time: more than anybody needs, and less than fills a disk.
MOST_UNUSED = 100


@dataclass(frozen=True, slots=True)
class Upload:
    """An image that was taken in. `contents` are the names of what is stored, by size.

    It is in `post`, or else is removed at `remove_time`.
    """

    id: UUID
    owner: UUID
    width: int
    height: int
    contents: Mapping[str, str]
    create_time: datetime
    post: UUID | None = None
    remove_time: datetime | None = None

    @property
    def name(self) -> str:
        return f"images/{self.id}"

    def is_unused(self, now: datetime) -> bool:
        """Whether it waits for a post. One that was in a post does not come back."""
        return self.post is None and self.remove_time is not None and self.remove_time > now


@dataclass(frozen=True, slots=True)
class Wish:
    """An image that somebody wants to show; `id` is None when the name is of none."""

    name: str
    id: UUID | None
    alt_text: str


def check_room(unused: int) -> None:
    """Nobody stores images for later."""
    if unused >= MOST_UNUSED:
        sentence = "You have {most} images that are in no post. They are removed a day after they came."
        raise TooMuch("TOO_MANY_UNUSED_IMAGES", sentence, most=MOST_UNUSED, retry_seconds=3600)


def shown(
    wishes: Sequence[Wish], found: Mapping[UUID, Upload], author: UUID, post: UUID, now: datetime
) -> tuple[Image, ...]:
    """The images of a post.

    BadInput names the place of an image that is not the author's, or that is in another post or twice in this one.
    """
    images: dict[UUID, Image] = {}
    for place, wish in enumerate(wishes):
        field = f"post.images[{place}].image"
        upload = found.get(wish.id) if wish.id else None
        if upload is None or upload.owner != author:
            raise BadInput("UNKNOWN_IMAGE", "You have no {name}.", field=field, name=wish.name)
        if upload.id in images or not (upload.post == post or upload.is_unused(now)):
            raise BadInput("IMAGE_IN_USE", "{name} is or was in a post already.", field=field, name=wish.name)
        images[upload.id] = Image(upload.id, "", upload.width, upload.height).described(wish.alt_text)
    return tuple(images.values())
