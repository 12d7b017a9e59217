"""Groups as messages."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from plein.chassis.v1.subjects_pb2 import Subject
from plein.groups.v1 import groups_pb2

from chassis.moments import timestamp
from chassis.problems import BadInput
from services.groups.domain import groups as domain
from services.groups.domain.groups import Group, History, JoinRule, Visibility
from services.groups.domain.members import Standing


def group(group: Group, standing: Standing) -> groups_pb2.Group:
    """A group as somebody sees it who stands to it like this."""
    return groups_pb2.Group(
        name=group.name,
        title=group.title,
        visibility=group.visibility.value,  # type: ignore[arg-type] # the domain's numbers are those of the API
        handle=group.handle,
        join_rule=_rule(group.join_rule),
        history=group.history.value,  # type: ignore[arg-type]
        member_count=group.member_count,
        viewer=_viewer(standing),
        create_time=timestamp(group.create_time),
        update_time=timestamp(group.update_time),
        archive_time=_moment(group.archive_time),
        delete_time=_moment(group.delete_time),
        purge_time=_moment(group.purge_time),
        hidden=group.hidden,
        etag=group.etag,
    )


def subject(group: Group, keepers: Sequence[UUID]) -> Subject:
    """A group as moderation sees it; `keepers` come with its owners first."""
    return Subject(
        name=group.name,
        author=f"people/{keepers[0]}" if keepers else "",
        root=group.name,
        group=group.name if group.is_secret else "",
        concerned=[f"people/{keeper}" for keeper in keepers],
        title=group.title,
        revision=sha256(group.title.encode()).hexdigest()[:16],
        create_time=timestamp(group.create_time),
        update_time=timestamp(group.update_time),
        hidden=group.hidden,
        removed=group.removed,
    )


def new_group(asked: groups_pb2.Group, id_: UUID, founder: UUID, now: datetime) -> Group:
    """What somebody wants to found; its handle is empty where it is to be made of the title."""
    fields = asked_fields(asked)
    if not fields["visibility"]:
        raise BadInput("NO_VISIBILITY", "Say who finds the group.", field="group.visibility")
    return Group(
        id_,
        domain.title(asked.title),
        "" if fields["visibility"] is Visibility.SECRET else fields["handle"],
        fields["visibility"],
        fields["history"] or History.ALL,
        fields["join_rule"],
        founder,
        now,
        now,
    )


def asked_fields(asked: groups_pb2.Group) -> dict[str, Any]:
    """What can be changed of a group, as it stands in a request; what is empty there is empty here."""
    rule = asked.join_rule
    return {
        "title": domain.title(asked.title) if asked.title else "",
        "handle": domain.handle(asked.handle) if asked.handle else "",
        "visibility": Visibility(asked.visibility) if asked.visibility else None,
        "history": History(asked.history) if asked.history else None,
        "join_rule": JoinRule(tuple(sorted(rule.kinds)), tuple(sorted(rule.departments)), tuple(sorted(rule.segments))),
    }


def _rule(rule: JoinRule) -> groups_pb2.JoinRule:
    return groups_pb2.JoinRule(kinds=rule.kinds, departments=rule.departments, segments=rule.segments)  # type: ignore[arg-type]


def _viewer(standing: Standing) -> groups_pb2.GroupViewer:
    return groups_pb2.GroupViewer(
        role=standing.role.value if standing.role else 0,  # type: ignore[arg-type]
        suspended=standing.suspended,
        requested=standing.requested,
        invited_by=f"people/{standing.invited_by}" if standing.invited_by else "",
        banned=standing.banned,
    )


def _moment(moment: datetime | None) -> Any:
    return timestamp(moment) if moment else None
