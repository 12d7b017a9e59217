"""A request with a `request_id` takes effect once: the answer is stored with the effect, in the same transaction."""

from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from typing import TypeVar

import orjson
from google.protobuf.message import Message
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.database import driver
from chassis.problems import AlreadyExists

Answer = TypeVar("Answer", bound=Message)

_CLAIM = text(
    "INSERT INTO once.requests (caller, request_id, question) VALUES (:caller, :request_id, :question) "
    "ON CONFLICT (caller, request_id) DO NOTHING"
)
_EARLIER = text("SELECT question, answer FROM once.requests WHERE caller = :caller AND request_id = :request_id")
_KEEP = text("UPDATE once.requests SET answer = :answer WHERE caller = :caller AND request_id = :request_id")

_REPLACE = text(
    "UPDATE once.requests SET answer = :answer "
    "WHERE caller = :caller AND substring(answer FROM 1 FOR length(:beginning)) = :beginning"
)
_REPLACE_MANY = text(
    "UPDATE once.requests SET answer = wanted.answer "
    "FROM unnest(CAST(:callers AS text[]), CAST(:beginnings AS bytea[]), CAST(:answers AS bytea[])) "
    "AS wanted (caller, beginning, answer) WHERE requests.caller = wanted.caller "
    "AND substring(requests.answer FROM 1 FOR length(wanted.beginning)) = wanted.beginning"
)
_CLAIM_ANSWERED = (
    "INSERT INTO once.requests (caller, request_id, question, answer) SELECT * FROM json_to_recordset(%s) "
    "AS asked (caller text, request_id text, question bytea, answer bytea)"
)
_CLAIM_NEW = f"{_CLAIM_ANSWERED} ON CONFLICT DO NOTHING RETURNING caller, request_id"

# Who asks, and the request_id.
Key = tuple[str, str]


async def once(
    tx: AsyncConnection, request: Message, answer_kind: type[Answer], effect: Callable[[], Awaitable[Answer]]
) -> Answer:
    """Runs `effect` unless the caller's `request_id` was answered before; then the first answer comes again.

    A second call at the same time waits for the first. The same id with another question is AlreadyExists.
    """
    request_id: str = request.request_id  # type: ignore[attr-defined]  # every Create request has it: tests/shape
    if not request_id:
        return await effect()
    key = {"caller": viewer.current().name, "request_id": request_id}
    question = question_of(request)
    claimed = await tx.execute(_CLAIM, key | {"question": question})
    if claimed.rowcount == 0:
        earlier = (await tx.execute(_EARLIER, key)).one()
        if earlier.question != question:
            sentence = "The request_id was used before, with another request."
            raise AlreadyExists("REQUEST_ID_USED", sentence, field="request_id")
        return answer_kind.FromString(earlier.answer)
    answer = await effect()
    await tx.execute(_KEEP, key | {"answer": answer.SerializeToString()})
    return answer


def question_of(request: Message) -> bytes:
    """What tells whether a request is the same as one before."""
    asked = type(request).DESCRIPTOR.full_name.encode() + request.SerializeToString(deterministic=True)
    return sha256(asked).digest()


async def claim_answered(tx: AsyncConnection, wanted: Sequence[tuple[Key, bytes, bytes]]) -> set[Key]:
    """For many requests whose answers are known before they take effect, as (key, question, answer): which are new.

    The others were answered before, or are being answered: `once` knows what to tell them.
    """
    if not wanted:
        return set()
    found = await driver(tx).execute(_CLAIM_NEW, [_rows(wanted)], prepare=True)
    return {(caller, request_id) for caller, request_id in await found.fetchall()}


def claiming(wanted: Sequence[tuple[Key, bytes, bytes]]) -> tuple[str, str]:
    """The statement that does so and fails if one is not new, and its argument: to be one with their effect."""
    return _CLAIM_ANSWERED, _rows(wanted)


def _rows(wanted: Sequence[tuple[Key, bytes, bytes]]) -> str:
    """In one order for all, so that two transactions never wait for each other."""
    rows = [
        {"caller": caller, "request_id": id_, "question": f"\\x{question.hex()}", "answer": f"\\x{answer.hex()}"}
        for (caller, id_), question, answer in sorted(wanted)
    ]
    return orjson.dumps(rows).decode()


async def replace_answers(tx: AsyncConnection, caller: str, beginning: bytes, answer: bytes) -> None:
    """Puts another answer in the place of a caller's earlier ones that begin so, such as with the name of a resource.

    What is deleted is then neither kept here nor told again.
    """
    await tx.execute(_REPLACE, {"caller": caller, "beginning": beginning, "answer": answer})


async def replace_many_answers(tx: AsyncConnection, wanted: Sequence[tuple[str, bytes, bytes]]) -> None:
    """The same for many, as (caller, beginning, answer)."""
    if wanted:
        callers, beginnings, answers = (list(column) for column in zip(*wanted, strict=True))
        await tx.execute(_REPLACE_MANY, {"callers": callers, "beginnings": beginnings, "answers": answers})
