"""Systems of the organisation as they use feed, in the words that the tests use."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from google.protobuf import field_mask_pb2
from plein.chassis.v1 import audience_pb2
from plein.feed.v1 import card_pb2, cards_pb2, cards_pb2_grpc, events_pb2, feed_pb2
from plein.identity.v1 import accounts_pb2
from sqlalchemy import text

from chassis.testing import Account, Answers, World
from tests.feed.caller import Caller, refusal, walked

ACCOUNT = "/plein.identity.v1.AccountService/GetServiceAccount"


def titled(title: str) -> Answers:
    """What identity answers when it is asked what an account is called."""
    answer = accounts_pb2.ServiceAccount(title=title)
    return {ACCOUNT: (accounts_pb2.GetServiceAccountRequest, lambda _: answer)}


class System:
    """A service account, or a person, who calls CardService."""

    def __init__(self, world: World, account: Account | Caller) -> None:
        self.account = account
        channel = account.channel if isinstance(account, Caller) else world.channel(account)
        self.api = cards_pb2_grpc.CardServiceStub(channel)

    async def report(self, title: str = "DSL Utrecht", *, severity: str = "MAJOR", **request: Any) -> feed_pb2.Post:
        """Posts an outage."""
        outage = card_pb2.Outage(title=title, severity=card_pb2.OutageSeverity.Value(f"OUTAGE_SEVERITY_{severity}"))
        outage.affected_services.extend(request.pop("services", ()))
        return await self._create(request, outage=outage)

    async def search(self, title: str = "Monteur", *, days: int = 30, **request: Any) -> feed_pb2.Post:
        """Posts a vacancy that is open for so many days."""
        closing = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
        vacancy = card_pb2.Vacancy(title=title, department="Netwerk", place="Utrecht", closing_date=closing)
        return await self._create(request, vacancy=vacancy)

    async def _create(self, request: dict[str, Any], **content: Any) -> feed_pb2.Post:
        card = card_pb2.Card(external_id=request.pop("external_id", ""), **content)
        return await self.api.CreateCard(cards_pb2.CreateCardRequest(card=card, **request))

    async def tell(self, name: str, words: str = "", state: str = "UNSPECIFIED", **request: str) -> feed_pb2.Post:
        """Tells something about an outage."""
        moved = card_pb2.OutageState.Value(f"OUTAGE_STATE_{state}")
        asked = cards_pb2.AddOutageUpdateRequest(name=name, text=words, state=moved, **request)
        return await self.api.AddOutageUpdate(asked)

    async def change(self, name: str, *paths: str, etag: str = "", **fields: Any) -> feed_pb2.Post:
        """Changes an outage."""
        mask, outage = field_mask_pb2.FieldMask(paths=paths), card_pb2.Outage(**fields)
        asked = cards_pb2.UpdateOutageRequest(name=name, outage=outage, update_mask=mask, etag=etag)
        return await self.api.UpdateOutage(asked)

    async def close(self, name: str) -> feed_pb2.Post:
        return await self.api.CloseVacancy(cards_pb2.CloseVacancyRequest(name=name))


class Reader:
    """A person who reads and follows cards."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.api = cards_pb2_grpc.CardServiceStub(caller.channel)

    async def cards(self, size: int = 100, **wanted: Any) -> list[str]:
        asked = cards_pb2.ListCardsRequest(page_size=size, **wanted)
        return [post.name for post in await walked(self.api.ListCards, asked)]

    async def follow(self, name: str) -> cards_pb2.CardFollow:
        return await self.api.FollowCard(cards_pb2.FollowCardRequest(name=name))

    async def unfollow(self, name: str) -> None:
        await self.api.UnfollowCard(cards_pb2.UnfollowCardRequest(name=name))

    async def follows(self, name: str) -> bool:
        try:
            await self.api.GetCardFollow(cards_pb2.GetCardFollowRequest(name=name))
        except grpc.aio.AioRpcError as error:
            if refusal(error).reason != "NOT_FOLLOWED":
                raise
            return False
        return True


async def told_of(world: World, name: str) -> list[events_pb2.CardChanged]:
    """What the log tells of changes of a card."""
    query = "SELECT payload FROM eventlog.events WHERE aggregate = :name AND type LIKE '%CardChanged' ORDER BY position"
    await world.caught_up("feed")
    async with world.server.resources.database.snapshot() as tx:
        found = await tx.execute(text(query), {"name": name})
        return [events_pb2.CardChanged.FromString(row.payload) for row in found]


def only(kinds: Sequence[str] = (), group: str = "") -> audience_pb2.Audience:
    """An audience of these kinds of worker, in this group."""
    return audience_pb2.Audience(
        kinds=[audience_pb2.WorkerKind.Value(f"WORKER_KIND_{kind}") for kind in kinds], group=group
    )
