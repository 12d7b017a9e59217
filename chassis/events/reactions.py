"""What a service does when others' events arrive."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, TypeVar, overload

from google.protobuf.message import Message
from plein.chassis.v1.event_log_pb2 import Event
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events.chain import erased

AnyReactions = TypeVar("AnyReactions", bound="Reactions")
AnyMessage = TypeVar("AnyMessage", bound=Message)
AnyMethod = TypeVar("AnyMethod", bound=Callable[..., Awaitable[None]])
Reaction = Callable[[AnyReactions, AsyncConnection, AnyMessage], Awaitable[None]]

# A hundred events a second are dealt with at the shortest pace, more of them in larger batches.
PACE_PER_EVENT_SECONDS = 0.01

_kinds: dict[object, tuple[type[Message], ...]] = {}


@overload
def on(
    kind: type[AnyMessage], /
) -> Callable[[Reaction[AnyReactions, AnyMessage]], Reaction[AnyReactions, AnyMessage]]: ...
@overload
def on(*kinds: type[Message]) -> Callable[[AnyMethod], AnyMethod]: ...
def on(*kinds: type[Message]) -> Callable[[AnyMethod], AnyMethod]:
    """Makes a method of `Reactions` the reaction to one or more kinds of event."""

    def marked(method: AnyMethod) -> AnyMethod:
        _kinds[method] = kinds
        return method

    return marked


class Reactions:
    """The reactions to one service's events; `source` is its name. Events without a reaction are passed by.

    `name` is what the cursor is called; it differs from the source where a service follows one log in several ways.
    `pace_seconds` is how long a batch waits at least after the one before, and `longest_pace_seconds` after a large
    one: later batches are larger and cost less.
    `may_be_absent` says that an installation can do without the source: then nobody follows it.
    """

    source: ClassVar[str]
    name: ClassVar[str] = ""
    pace_seconds: ClassVar[float] = 0.02
    longest_pace_seconds: ClassVar[float] = 0.25
    may_be_absent: ClassVar[bool] = False
    _reactions: ClassVar[dict[str, tuple[type[Message], str]]] = {}

    def __init_subclass__(cls) -> None:
        own = {
            kind.DESCRIPTOR.full_name: (kind, name)
            for name, method in vars(cls).items()
            if callable(method)
            for kind in _kinds.get(method, ())
        }
        for base in cls.__mro__[1:]:
            own = vars(base).get("_reactions", {}) | own
        cls._reactions = own

    @property
    def cursor_name(self) -> str:
        """Under what name this following of the log keeps its place."""
        return self.name or self.source

    def rest_seconds(self, dealt_with: int) -> float:
        """How long a batch waits after one of so many events."""
        return min(max(self.pace_seconds, dealt_with * PACE_PER_EVENT_SECONDS), self.longest_pace_seconds)

    async def gather(self, events: Sequence[Event]) -> None:
        """Before the transaction: may ask neighbours or write a cache. Is repeated when anything fails."""

    def reacts_to(self, event: Event) -> bool:
        """Whether `react` may do something with this event. A batch without any such is passed by at once."""
        return event.type in self._reactions

    async def react(self, tx: AsyncConnection, event: Event) -> None:
        """Calls the method for this kind of event, if there is one, in the transaction that moves the cursor."""
        if event.type in self._reactions and not erased(event):
            kind, name = self._reactions[event.type]
            reaction: Callable[[AsyncConnection, Any], Awaitable[None]] = getattr(self, name)
            await reaction(tx, kind.FromString(event.payload))

    async def after_commit(self, events: Sequence[Event]) -> None:
        """After the cursor moved: a hint that is lost when the process dies, so nothing may depend on it."""
