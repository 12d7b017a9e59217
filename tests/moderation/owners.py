"""The owners of what is reported, as far as moderation asks them."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from plein.chassis.v1 import subjects_pb2

from chassis.problems import NotFound, Unavailable
from chassis.testing import Answers
from tests.moderation.caller import Caller

GET_SUBJECT = "/plein.chassis.v1.SubjectService/GetSubject"


@dataclass
class Shelf:
    """What there is, by name, and from whom it is kept."""

    subjects: dict[str, subjects_pb2.Subject] = field(default_factory=dict)
    kept_from: dict[str, set[str]] = field(default_factory=dict)
    away: bool = False

    def put(self, author: Caller, text: str = "Hello", *, name: str = "", **fields: Any) -> str:
        """Something new, by default a post; its name."""
        name = name or f"posts/{uuid4()}"
        fields = {"root": name, "revision": "1"} | fields
        self.subjects[name] = subjects_pb2.Subject(name=name, author=author.name, text=text, **fields)
        return name

    def edit(self, name: str, text: str) -> None:
        subject = self.subjects[name]
        subject.text, subject.revision = text, str(int(subject.revision) + 1)

    def keep_from(self, name: str, *people: Caller) -> None:
        self.kept_from.setdefault(name, set()).update(person.name for person in people)

    @property
    def answers(self) -> Answers:
        return {GET_SUBJECT: (subjects_pb2.GetSubjectRequest, self._subject)}

    def _subject(self, request: subjects_pb2.GetSubjectRequest) -> subjects_pb2.Subject:
        if self.away:
            raise Unavailable("AWAY", "Away.")
        found = self.subjects.get(request.name)
        if found is None or request.viewer in self.kept_from.get(request.name, ()):
            raise NotFound("SUBJECT_NOT_FOUND", "There is no {name}.", name=request.name)
        return found
