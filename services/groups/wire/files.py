"""Files as messages."""

from collections.abc import Iterable
from urllib.parse import quote
from uuid import UUID

from google.api import httpbody_pb2
from plein.chassis.v1.subjects_pb2 import Subject
from plein.groups.v1 import events_pb2, files_pb2

from chassis.moments import timestamp
from chassis.problems import BadInput
from services.groups.domain import files as domain
from services.groups.domain.files import File, Version, state
from services.groups.wire import names
from services.groups.wire.contents import person_name
from services.groups.wire.events import Told

Metadata = tuple[tuple[str, str], ...]
# Whatever it is, no browser shows it as one of our pages.
DOWNLOAD_HEADERS = (("cache-control", "private, no-store"), ("content-security-policy", "sandbox; default-src 'none'"))


def file(found: File, scans: bool) -> files_pb2.GroupFile:
    """A file; `scans` says whether this installation looks for viruses."""
    return files_pb2.GroupFile(
        name=found.name,
        title=found.title,
        uploader=person_name(found.uploader),
        newest=version(found, found.newest, scans),
        version_count=found.version_count,
        create_time=timestamp(found.create_time),
        update_time=timestamp(found.update_time),
        etag=found.etag,
    )


def version(file: File, found: Version, scans: bool) -> files_pb2.GroupFileVersion:
    """One version of a file."""
    return files_pb2.GroupFileVersion(
        name=f"{file.name}/versions/{found.number}",
        state=state(found.verdict, scans).value,  # type: ignore[arg-type] # the domain's numbers are those of the API
        content_type=found.content_type,
        size_bytes=found.size,
        sha256=found.sha256,
        uploader=person_name(found.uploader),
        create_time=timestamp(found.create_time),
    )


def asked_title(asked: files_pb2.UpdateGroupFileRequest) -> str:
    """The title that a file is to have; nothing else can be changed."""
    for path in asked.update_mask.paths:
        if path != "title":
            raise BadInput("FIELD_NOT_YOURS", "{path} cannot be changed here.", field="update_mask", path=path)
    return domain.title(asked.group_file.title, "group_file.title")


def question(asked: files_pb2.UploadGroupFileRequest, sha256: str) -> files_pb2.UploadGroupFileRequest:
    """All that was asked, with the hash in the place of the content: by it a repeated request is known."""
    file = httpbody_pb2.HttpBody(content_type=asked.file.content_type, data=sha256.encode())
    fields = {"parent": asked.parent, "name": asked.name, "title": asked.title, "request_id": asked.request_id}
    return files_pb2.UploadGroupFileRequest(file=file, **fields)


def download_metadata(file: File) -> Metadata:
    """Lets a browser save a file under its title (RFC 6266)."""
    disposition = f"attachment; filename*=UTF-8''{quote(file.title, safe='')}"
    return (("content-disposition", disposition), *DOWNLOAD_HEADERS)


def added(file: File, version: Version) -> Told:
    """What the log tells when a content is there to be read."""
    uploader = person_name(version.uploader)
    event = events_pb2.GroupFileAdded(file=file.name, uploader=uploader, version=version.number)
    return file.name, file.revision, event


def deleted(file: File) -> Told:
    return file.name, file.revision + 1, events_pb2.GroupFileDeleted(file=file.name)


def subject(file: File, keepers: Iterable[UUID]) -> Subject:
    """A file as moderation sees it: what it is called, since what is in it is not read."""
    group = f"groups/{file.group}"
    return Subject(
        name=file.name,
        author=person_name(file.uploader),
        root=group,
        group=group,
        parent=group,
        concerned=map(person_name, keepers),
        title=file.title,
        revision=str(file.revision),
        create_time=timestamp(file.create_time),
        update_time=timestamp(file.update_time),
        hidden=file.hidden,
        removed=file.removed,
    )


def position(file: File) -> bytes:
    """Where a list of files goes on after this one."""
    return names.position(file.update_time, file.id)
