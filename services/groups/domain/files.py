"""The files of a group, and whether what is in them is served."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from uuid import UUID

import regex

from chassis.problems import BadInput, NotAllowed, Stale, WrongState

MEBIBYTE = 1024 * 1024
MOST_BYTES = 50 * MEBIBYTE
MOST_FILES = 1000
MOST_VERSIONS = 20
MOST_TITLE_CHARACTERS = 200
ANY_CONTENT = "application/octet-stream"
# Far longer than a stream may take. What is not part of a file by then was cut off.
UPLOADING = timedelta(hours=1)

_UNPRINTABLE = regex.compile(r"[\p{C}/\\]")
_CONTENT_TYPE = regex.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")


class Verdict(IntEnum):
    """What is known of a content."""

    NONE = 1
    CLEAN = 2
    INFECTED = 3


class State(IntEnum):
    """Whether a content is served; GroupFileState of the API."""

    SCANNING = 1
    CLEAN = 2
    INFECTED = 3
    UNSCANNED = 4


def state(verdict: Verdict, scans: bool) -> State:
    """What a verdict means where contents are scanned, or not: there, what nobody looked at is served as it came."""
    if verdict is Verdict.NONE:
        return State.SCANNING if scans else State.UNSCANNED
    return State.CLEAN if verdict is Verdict.CLEAN else State.INFECTED


@dataclass(frozen=True, slots=True)
class Version:
    """One content of a file: `number` counts from 1, `content` is the object in which it is stored."""

    file: UUID
    number: int
    content: UUID
    content_type: str
    size: int
    sha256: str
    uploader: UUID | None
    create_time: datetime
    verdict: Verdict = Verdict.NONE

    def check_served(self, scans: bool) -> None:
        """WrongState for what is not served."""
        match state(self.verdict, scans):
            case State.SCANNING:
                sentence = "The file is being scanned for viruses. Try again in a moment."
                raise WrongState("FILE_NOT_SCANNED", sentence)
            case State.INFECTED:
                raise WrongState("FILE_INFECTED", "There is something harmful in this file, so nobody gets it.")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a group. `revision` counts its changes; `newest` is its newest version."""

    id: UUID
    group: UUID
    title: str
    uploader: UUID | None
    newest: Version
    version_count: int
    create_time: datetime
    update_time: datetime
    revision: int = 1
    hidden: bool = False
    removed: bool = False

    @property
    def name(self) -> str:
        return f"groups/{self.group}/files/{self.id}"

    @property
    def etag(self) -> str:
        return f'"{self.revision}"'

    def check_changeable(self, person: UUID, keeper: bool) -> None:
        """NotAllowed for other members than its uploader and keepers."""
        if person != self.uploader and not keeper:
            raise NotAllowed("NOT_YOUR_FILE", "Who brought a file changes it, and keepers of the group.")

    def renamed(self, title: str, etag: str, now: datetime) -> "File":
        """The file with another title. Stale when it is no longer the one that the caller saw."""
        if etag and etag != self.etag:
            raise Stale("FILE_CHANGED", "The file changed meanwhile.", etag=self.etag)
        if title == self.title:
            return self
        return replace(self, title=title, update_time=now, revision=self.revision + 1)

    def with_version(self, version: Version) -> "File":
        """The file with a newer content; of the oldest ones no more than MOST_VERSIONS are kept."""
        count = min(self.version_count + 1, MOST_VERSIONS)
        time, revision = version.create_time, self.revision + 1
        return replace(self, newest=version, version_count=count, update_time=time, revision=revision)


def title(text: str, field: str) -> str:
    """What a file is called, as it is stored: composed, on one line, without what leads a browser into folders."""
    composed = " ".join(unicodedata.normalize("NFC", text).split()).strip(". ")
    if not composed:
        raise BadInput("NO_TITLE", "A file needs a title.", field=field)
    if len(composed) > MOST_TITLE_CHARACTERS or _UNPRINTABLE.search(composed):
        sentence = "A title is one line of at most {most} characters, without slashes."
        raise BadInput("BAD_TITLE", sentence, field=field, most=MOST_TITLE_CHARACTERS)
    return composed


def content_type(text: str) -> str:
    """A content type without parameters; what is none is just any content."""
    plain = text.partition(";")[0].strip().lower()
    return plain if _CONTENT_TYPE.fullmatch(plain) else ANY_CONTENT


def check_size(size: int) -> None:
    """Refuses what is too large, as soon as that is known."""
    if size > MOST_BYTES:
        sentence = "A file has at most {most} bytes, and this one has more."
        raise BadInput("FILE_TOO_LARGE", sentence, field="file", most=MOST_BYTES)


def check_room(files: int, stored: int, size: int, most_bytes: int) -> None:
    """Refuses more than a group may have: `files` of `stored` bytes are there, one of `size` is to come."""
    if files >= MOST_FILES:
        raise WrongState("TOO_MANY_FILES", "A group has at most {most} files.", most=MOST_FILES)
    if stored + size > most_bytes:
        sentence = "The files of a group have at most {most} bytes together. Delete some first."
        raise WrongState("GROUP_FULL", sentence, most=most_bytes)
