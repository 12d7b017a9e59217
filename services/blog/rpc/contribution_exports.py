"""Contributions as a file, piece by piece."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from google.api.httpbody_pb2 import HttpBody
from plein.blog.v1 import consultations_pb2

from chassis import viewer
from chassis.access import Sight
from chassis.calls import refuse_ended
from services.blog.domain.comments import Comment
from services.blog.domain.consultations import Contribution
from services.blog.domain.contribution_files import JSON_END, ExportRow, csv_pieces, json_pieces
from services.blog.domain.erasures import is_stand_in
from services.blog.rpc.contributions import Contributions
from services.blog.rpc.discussing import check_author
from services.blog.store import consultations

AT_ONCE = 200
CSV = "text/csv; charset=utf-8; header=present"
JSON = "application/json"


class ContributionExports(Contributions):
    """No transaction lasts longer than a piece, and each piece is decided on what may be seen then."""

    async def ExportContributions(
        self, request: consultations_pb2.ExportContributionsRequest, context: Any
    ) -> AsyncIterator[HttpBody]:
        as_json = request.format == consultations_pb2.EXPORT_FORMAT_JSON
        pieces, content_type = (json_pieces, JSON) if as_json else (csv_pieces, CSV)
        after: UUID | None = None
        while True:
            first = after is None
            rows, after = await self._rows(request.name, after)
            refuse_ended(self.access, viewer.current())
            yield HttpBody(content_type=content_type if first else "", data=pieces(rows, first=first).encode())
            if after is None:
                break
        if as_json:
            yield HttpBody(data=JSON_END.encode())

    async def _rows(self, name: str, after: UUID | None) -> tuple[list[ExportRow], UUID | None]:
        """Rows of the contributions that follow on one, and the last of them if there may be more."""
        sight = self.sight()
        async with self.database.snapshot() as tx:
            article, _ = await self.seen_consultation(tx, sight, name)
            await check_author(tx, article, sight.viewer, lock=False)
            found = await consultations.visible_page(tx, sight, article.id, after, AT_ONCE)
            ids = [comment.id for comment in found]
            done = await consultations.of_comments(tx, ids)
            replies = await consultations.reply_counts(tx, sight, ids)
        names = await self._names(sight, found, done.values())
        rows = [_row(comment, done[comment.id], names, replies.get(comment.id, 0)) for comment in found]
        return rows, ids[-1] if len(found) == AT_ONCE else None

    async def _names(self, sight: Sight, found: Sequence[Comment], done: Iterable[Contribution]) -> dict[UUID, str]:
        """What the people are called who wrote and who take care, as far as the viewer may meet them."""
        people = {comment.author for comment in found} | {each.owner for each in done if each.owner}
        met = [person for person in people if not is_stand_in(person) and sight.meets(person)]
        known = await self.identity.people(met)
        return {id_: f"{person.given_name} {person.family_name}".strip() for id_, person in known.items()}


def _row(comment: Comment, done: Contribution, names: Mapping[UUID, str], replies: int) -> ExportRow:
    owner = done.owner if done.owner in names else None
    return ExportRow(
        contribution=comment.name,
        written=_moment(comment.create_time),
        author="" if is_stand_in(comment.author) else f"people/{comment.author}",
        author_name=names.get(comment.author, ""),
        text=comment.words.text,
        state=done.state.name,
        reason=done.reason,
        owner=f"people/{owner}" if owner else "",
        owner_name=names.get(owner, "") if owner else "",
        decided=_moment(done.decide_time),
        first_answered=_moment(done.first_answer_time),
        replies=replies,
        reactions=sum(comment.reaction_counts),
    )


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""
