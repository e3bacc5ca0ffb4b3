"""What vocation is compared with, and on which rows. `python benchmarks/compare.py` does the
rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from peers import elsewhere, here
from peers.tasks import Task


@dataclass(frozen=True)
class Peer:
    """How one peer answers a task. `environment` has to be prepared before. `once`: only the first
    split of masked-qa and resumes.
    """

    answer: Callable[[Task], here.Answer]
    environment: str = ""
    once: bool = False
    slow: bool = False

    def takes_part(self, name: str, number: int, slow: bool) -> bool:
        return (slow or not self.slow) and (
            not self.once or (name in ("masked-qa", "resumes") and number == 0)
        )


PEERS = {
    "majority": Peer(here.majority),
    "zero-shot": Peer(here.zero_shot),
    "tfidf": Peer(here.tfidf),
    "frozen": Peer(here.frozen),
    "tfidf+windows": Peer(here.averaged),
    "model2vec": Peer(partial(elsewhere.elsewhere, name="model2vec"), environment="model2vec"),
    "setfit": Peer(
        partial(elsewhere.elsewhere, name="setfit"), environment="setfit", once=True, slow=True
    ),
    "guide": Peer(here.guide, once=True),
    "vocation-head": Peer(partial(here.ours, preset="head")),
    "vocation-full": Peer(partial(here.ours, preset="full")),
}
