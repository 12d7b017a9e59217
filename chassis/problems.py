"""What can be wrong with a call, in the words of the product. `chassis.status` puts it on the wire.

Each problem has a reason for programs (UPPER_SNAKE), a sentence for people and the facts of the sentence::

    raise NotFound("POST_NOT_FOUND", "There is no post {name} that you can see.", name=name)
"""


class Problem(Exception):
    """The base of all; raise one of its children."""

    def __init__(self, reason: str, sentence: str, *, field: str = "", **facts: object) -> None:
        self.reason = reason
        self.field = field
        self.facts = {key: str(value) for key, value in facts.items()}
        self.sentence = sentence.format(**facts)
        super().__init__(self.sentence)


class BadInput(Problem):
    """The request makes no sense; `field` names what is wrong with it."""


class NotSignedIn(Problem):
    """No token, or one that does not work."""


class NotFound(Problem):
    """It does not exist, or the caller is not permitted to know that it does."""


class NotAllowed(Problem):
    """The caller sees it, but may not do this with it."""


class AlreadyExists(Problem):
    """There is one already."""


class WrongState(Problem):
    """Not now: the state it is in does not allow it."""


class Stale(Problem):
    """It changed since the caller read it."""


class OutOfRange(Problem):
    """The cursor points to what is no longer kept."""


class TooMuch(Problem):
    """The caller has to slow down; `retry_seconds` says for how long."""

    def __init__(self, reason: str, sentence: str, *, retry_seconds: int = 1, field: str = "", **facts: object) -> None:
        super().__init__(reason, sentence, field=field, **facts)
        self.retry_seconds = retry_seconds


class Unavailable(Problem):
    """Something that it needs is away for the moment."""


class TooLate(Problem):
    """The deadline passed."""
