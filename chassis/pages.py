"""Page tokens: sealed, so that nobody reads or writes them, and good only for one viewer and one question."""

from functools import lru_cache
from hashlib import sha256

from google.protobuf.message import Message

from chassis import viewer
from chassis.problems import BadInput
from chassis.sealing import Sealer


class Pages:
    """Seals and opens page tokens."""

    def __init__(self, sealer: Sealer) -> None:
        self.sealer = sealer

    def seal(self, request: Message, position: bytes) -> str:
        """The token for the page that begins at `position`, for the current viewer and this question."""
        return self.sealer.seal(position, _question(request))

    def position(self, request: Message) -> bytes | None:
        """Where the asked page begins, or None for the first. BadInput for a token that is not of this question."""
        token: str = request.page_token  # type: ignore[attr-defined]  # every List request has it: tests/shape
        if not token:
            return None
        position = self.sealer.opened(token, _question(request))
        if position is None:
            sentence = "The page token does not belong to this question."
            raise BadInput("BAD_PAGE_TOKEN", sentence, field="page_token")
        return position


def size(request: Message, default: int, most: int) -> int:
    """How many to list: 0 means the default, too many are lowered (AIP-158)."""
    asked: int = request.page_size  # type: ignore[attr-defined]  # as above
    return min(asked or default, most)


def _question(request: Message) -> bytes:
    """Everything that the token is bound to: the method's request without its page, and who asks."""
    bare = request
    if request.page_token or request.page_size:  # type: ignore[attr-defined]  # as above
        bare = type(request)()
        bare.CopyFrom(request)
        bare.ClearField("page_token")
        bare.ClearField("page_size")
    name = type(request).DESCRIPTOR.full_name
    return _digest(name, viewer.current().name, bare.SerializeToString(deterministic=True))


@lru_cache(maxsize=1024)
def _digest(method: str, caller: str, question: bytes) -> bytes:
    return sha256(f"{method}\0{caller}\0".encode() + question).digest()
