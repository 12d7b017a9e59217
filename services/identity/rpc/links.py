"""One-time links, with which people come in for the first time."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from plein.identity.v1 import identity_pb2

from chassis.moments import timestamp
from chassis.problems import WrongState
from services.identity import wire
from services.identity.domain.letters import invitation
from services.identity.domain.people import Person
from services.identity.domain.sign_in import hashed
from services.identity.rpc.base import Base, now
from services.identity.store import people, sign_in


class Links(Base):
    """The method that makes links."""

    async def CreateSignInLinks(
        self, request: identity_pb2.CreateSignInLinksRequest, context: Any
    ) -> identity_pb2.CreateSignInLinksResponse:
        ids = {name: wire.person_id(name) for name in request.people}
        expire_time = now() + timedelta(hours=self.settings.link_hours)
        if request.mail:
            return await self._mailed(ids, expire_time)
        tokens = await self._linked(ids, expire_time)
        return identity_pb2.CreateSignInLinksResponse(
            links=[
                identity_pb2.SignInLink(
                    person=f"people/{ids[name]}",
                    uri=self._uri(tokens[ids[name]][1]),
                    expire_time=timestamp(expire_time),
                )
                for name in request.people
            ]
        )

    async def _mailed(self, ids: dict[str, UUID], expire_time: datetime) -> identity_pb2.CreateSignInLinksResponse:
        """Opens the mail server's doors first, so that older links still work when they stay closed."""
        answer = identity_pb2.CreateSignInLinksResponse()
        async with self.mail_server.opened() as post:
            for person, token in (await self._linked(ids, expire_time)).values():
                until = expire_time, self.settings.organisation_time_zone
                letter = invitation(person, self._uri(token), *until)
                if await post.send(person.email, letter.subject, letter.text) is not None:
                    answer.unmailed.append(person.name)
        return answer

    async def _linked(self, ids: dict[str, UUID], expire_time: datetime) -> dict[UUID, tuple[Person, str]]:
        """A new token for each person; all or nobody."""
        async with self.database.transaction() as tx:
            found = await people.people_by_id(tx, set(ids.values()))
            for name, person_id in ids.items():
                _check_welcome(name, found.get(person_id))
            tokens = {person_id: secrets.token_urlsafe(32) for person_id in found}
            await sign_in.keep_links(tx, _hashed(tokens.items()), expire_time)
        return {person_id: (found[person_id], token) for person_id, token in tokens.items()}

    def _uri(self, token: str) -> str:
        return f"{self.settings.public_url.rstrip('/')}/welcome?token={token}"


def _hashed(tokens: Iterable[tuple[UUID, str]]) -> dict[UUID, bytes]:
    return {person: hashed(token.encode()) for person, token in tokens}


def _check_welcome(name: str, person: Person | None) -> None:
    if person is None:
        raise wire.unknown_person(name)
    if not person.may_come_in:
        sentence = "{name} is suspended or has departed, and cannot be invited."
        raise WrongState("PERSON_KEPT_OUT", sentence, name=name)
