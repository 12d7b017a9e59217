"""Which segments law keeps apart."""

from typing import NamedTuple

from chassis.problems import BadInput

Pairs = tuple[tuple[str, str], ...]


class Policy(NamedTuple):
    """The pairs of segments that are kept apart, each once and in order."""

    pairs: Pairs
    version: int

    def replaced(self, pairs: list[tuple[str, str]]) -> "Policy":
        """The policy with other pairs; the same one when they are the same."""
        for one, other in pairs:
            if one == other:
                sentence = "The segment {segment} cannot be kept apart from itself."
                raise BadInput("BARRIER_TO_ITSELF", sentence, field="policy.barriers", segment=one)
        ordered = tuple(sorted({(min(pair), max(pair)) for pair in pairs}))
        return self if ordered == self.pairs else Policy(ordered, self.version + 1)
