"""What groups does when moderation decides: groups exist for nobody but their owners, for nobody, or for all again."""

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.decisions import DecisionReactions
from chassis.events import append_many
from services.groups.store import changes, contents, groups
from services.groups.wire import id_in


class Moderation(DecisionReactions):
    """Of a group that is withdrawn nobody sees anything, in no service: to them it is deleted."""

    async def subject_decided(self, tx: AsyncConnection, subject: str, *, hidden: bool, removed: bool) -> None:
        collection, _, rest = subject.partition("/")
        if collection != "groups":
            return
        if "/" in rest:
            await append_many(tx, await contents.judge(tx, subject, hidden=hidden, removed=removed))
            return
        before = await groups.locked(tx, id_in(subject))
        if before is not None:
            _, told = await changes.save(tx, before, before.judged(hidden=hidden, removed=removed))
            await append_many(tx, told)
