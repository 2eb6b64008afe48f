import random

import pytest

from cli.benchmarks import boards
from cli.benchmarks.athlete import BenchFault
from cli.benchmarks.boards import SortedList
from region_node.features.leaderboards.model import Entry


def test_the_bare_list_ranks_by_score_and_takes_a_correction():
    plain = SortedList(iter([Entry("a", 5, 1), Entry("b", 9, 1), Entry("c", 5, 0)]))
    assert [2, 1, 2] == [plain.rank(ref) for ref in "abc"]
    plain.upsert(Entry("b", 1, 1))
    assert [1, 3, 1] == [plain.rank(ref) for ref in "abc"]


def test_an_index_that_answers_wrongly_stops_the_benchmark(monkeypatch):
    monkeypatch.setattr(SortedList, "rank", lambda *_: 0)
    dice = random.Random(boards.SEED)  # noqa: S311 - drawn anew by anybody who has the seed
    with pytest.raises(BenchFault, match="100 of 100 ranks differ"):
        boards._Pair.of(dice, 50).compare(dice)
