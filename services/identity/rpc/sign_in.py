"""Coming in: with a password, with a one-time link, and with the refresh token of the last time."""

from typing import Any

from plein.identity.v1 import identity_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.ids import new_id
from services.identity.domain.people import Person
from services.identity.domain.sign_in import (
    WRONG_PASSWORD_WINDOW,
    Session,
    SignInRecord,
    check_attempts,
    check_password,
    folded_login,
    hashed,
    link_refused,
    refresh_refused,
    sign_in_refused,
)
from services.identity.rpc.base import Base, now
from services.identity.rpc.tokens import RefreshToken, new_secret
from services.identity.store import people, sign_in


class SignIn(Base):
    """The methods that answer with tokens. None of them needs one."""

    async def SignIn(self, request: identity_pb2.SignInRequest, context: Any) -> identity_pb2.Tokens:
        login = folded_login(request.login)
        async with self.database.transaction() as tx:
            record = await sign_in.sign_in_record(tx, login)
            subject = _subject(record, login)
            await self._count_attempt(tx, subject)
        right = await self.passwords.match(record.password_hash if record else "", request.password)
        if record is None or not right:
            raise sign_in_refused()
        async with self.database.transaction() as tx:
            person = await people.person_signing_in(tx, record.person)
            if person is None or not person.may_come_in:
                raise sign_in_refused()
            await sign_in.forget_attempts(tx, subject)
            return await self._opened(tx, person, request.device)

    async def SignInWithLink(self, request: identity_pb2.SignInWithLinkRequest, context: Any) -> identity_pb2.Tokens:
        link = hashed(request.link_token.encode())
        check_password(request.new_password, await self._invited(link))
        password_hash = await self.passwords.hash(request.new_password)
        invited = await self._invited(link)
        async with self.database.transaction() as tx:
            before = await people.person(tx, invited.id, lock=True)
            if before is None or not before.may_come_in or not await sign_in.use_link(tx, link, now()):
                raise link_refused()
            await sign_in.keep_password(tx, before.id, password_hash, now())
            await sign_in.forget_attempts(tx, _subject(SignInRecord(before.id, ""), ""))
            after = before.signed_in_first(now())
            if await sign_in.end_sessions(tx, [before.id]):
                after = after.with_tokens_ended(now())
            await self.keep(tx, before, after)
            return await self._opened(tx, after, request.device)

    async def RefreshTokens(self, request: identity_pb2.RefreshTokensRequest, context: Any) -> identity_pb2.Tokens:
        token, moment = RefreshToken.parsed(request.refresh_token), now()
        async with self.database.transaction() as tx:
            session = await sign_in.session(tx, token.session, lock=True)
            person = await people.person(tx, session.person) if session else None
            if session and person and person.may_come_in and session.opens_with(token.secret, _client(), moment):
                secret = token.secret if session.client else new_secret()
                session = session.refreshed(secret, self.issuer.expire_time(moment))
                await sign_in.save_session(tx, session)
                return self.issuer.tokens(person, session, secret, moment)
        if session and moment < session.expire_time:
            await self._end(session)
        raise refresh_refused()

    async def _count_attempt(self, tx: AsyncConnection, subject: bytes) -> None:
        """Counts before the password is compared, so that many at once are not more than ten."""
        moment = now()
        outdated = moment - WRONG_PASSWORD_WINDOW
        check_attempts(await sign_in.locked_attempts(tx, subject, outdated), moment)
        await sign_in.add_attempt(tx, subject, moment, outdated)

    async def _invited(self, link: bytes) -> Person:
        async with self.database.snapshot() as tx:
            person_id = await sign_in.person_of_link(tx, link, now())
            person = await people.person(tx, person_id) if person_id else None
        if person is None or not person.may_come_in:
            raise link_refused()
        return person

    async def _opened(self, tx: AsyncConnection, person: Person, device: str) -> identity_pb2.Tokens:
        """A new session of a person whom the transaction has locked."""
        moment, secret, session_id = now(), new_secret(), new_id()
        expire_time = self.issuer.expire_time(moment)
        session = Session(session_id, person.id, device, _client(), hashed(secret), moment, expire_time)
        await sign_in.add_session(tx, session)
        return self.issuer.tokens(person, session, secret, moment)

    async def _end(self, session: Session) -> None:
        """Ends a session whose refresh token came twice, since one of the two was not its owner (RFC 9700, 4.14)."""
        async with self.database.transaction() as tx:
            person = await people.person(tx, session.person, lock=True)
            if person and await sign_in.end_session(tx, person.id, session.id):
                await self.keep(tx, person, person.with_tokens_ended(now()))


def _client() -> str:
    """The service that calls, if one does: nobody else has a token for a method that needs none."""
    caller = viewer.of_call()
    return caller.service if caller else ""


def _subject(record: SignInRecord | None, login: str) -> bytes:
    """For whom wrong passwords are counted: a person by either name, and names of nobody just the same."""
    return hashed(f"people/{record.person}".encode() if record else f"logins/{login}".encode())
