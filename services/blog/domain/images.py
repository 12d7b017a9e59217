"""Images between their upload and the article or blog in which they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.problems import BadInput, TooMuch
from services.blog.domain.blogs import Cover

# The longest side in pixels.
SIZES = {"large": 1600, "small": 480}
KEPT_UNUSED = timedelta(days=1)
# Of one person at a time: more than anybody needs, and less than fills a disk.
MOST_UNUSED = 100


@dataclass(frozen=True, slots=True)
class Upload:
    """An image that was taken in. `contents` are the names of what is stored, by size.

    It stands in `article` or above `blog`, or else is removed at `remove_time`; `shown` when readers see it there.
    """

    id: UUID
    owner: UUID
    width: int
    height: int
    contents: Mapping[str, str]
    create_time: datetime
    article: UUID | None = None
    blog: UUID | None = None
    shown: bool = False
    remove_time: datetime | None = None

    @property
    def name(self) -> str:
        return f"articleImages/{self.id}"

    @property
    def path(self) -> str:
        """Where the site shows it."""
        return f"/articleImages/{self.id}/large"

    def is_unused(self, now: datetime) -> bool:
        """Whether it waits for something to stand in."""
        return self.article is None and self.blog is None and self.remove_time is not None and self.remove_time > now


def check_room(unused: int) -> None:
    """Nobody stores images for later."""
    if unused >= MOST_UNUSED:
        sentence = "You have {most} images that stand in nothing. They are removed a day after they came."
        raise TooMuch("TOO_MANY_UNUSED_IMAGES", sentence, most=MOST_UNUSED, retry_seconds=3600)


def cover(found: Mapping[UUID, Upload], image: UUID | None, name: str, alt_text: str, field: str) -> Cover:
    """A cover of one of these images; BadInput when it is none of them."""
    upload = found.get(image) if image else None
    if upload is None:
        raise BadInput("UNKNOWN_IMAGE", "You have no {name}.", field=field, name=name)
    return Cover(upload.id, alt_text.strip(), upload.width, upload.height)
