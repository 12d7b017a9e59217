"""The link in a mail that stops it: sealed, so that it stops this person's mail and nothing else."""

from uuid import UUID

from chassis.problems import BadInput
from chassis.sealing import Sealer

PATH = "/v1/digest:unsubscribe"
_PURPOSE = b"digest unsubscribe"


def unsubscribe_url(home: str, sealer: Sealer, person: UUID) -> str:
    """The address on which one person's mail is stopped."""
    return f"{home}{PATH}?token={sealer.seal(person.bytes, _PURPOSE)}"


def unsubscriber(sealer: Sealer, token: str) -> UUID:
    """Whose mail a link stops. BadInput for one that is none of ours."""
    sealed = sealer.opened(token, _PURPOSE)
    if sealed is None:
        raise BadInput("BAD_TOKEN", "This link is not complete. Copy it whole from the mail.", field="token")
    return UUID(bytes=sealed)
