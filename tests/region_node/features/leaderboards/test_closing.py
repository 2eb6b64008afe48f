"""The end of a board: one ranking, the same bytes in every region, whatever came when and how often."""

from dataclasses import dataclass, field

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from region_node.features.leaderboards.closing import (
    Ranking,
    Row,
    Waiting,
    close,
    digest_of,
    marker_of,
    newer,
    rows_of,
)
from region_node.features.leaderboards.model import Entry

BOARD = "spring"
REGIONS = ("eu-central", "sa-east", "us-west")
ANNA, BEN = Entry("anna", 7_000, 10), Entry("ben", 7_000, 5)
CARLA, DINA = Entry("carla", 9_000, 3), Entry("dina", 100, 1)
AT_HOME = {"eu-central": [ANNA, BEN], "sa-east": [CARLA], "us-west": [DINA]}
MARKERS = {region: marker_of(BOARD, region, 1, entries) for region, entries in AT_HOME.items()}


def test_the_ranking_has_pseudonyms_scores_and_shared_ranks():
    ranking = close(BOARD, REGIONS, MARKERS, AT_HOME)
    rows = (Row(1, "carla", 9_000), Row(2, "ben", 7_000), Row(2, "anna", 7_000), Row(4, "dina", 100))
    assert Ranking(board_id=BOARD, version=1, regions=REGIONS, rows=rows) == ranking
    assert (
        b'{"board_id":"spring","regions":["eu-central","sa-east","us-west"],"rows":[[1,"carla",9000],'
        b'[2,"ben",7000],[2,"anna",7000],[4,"dina",100]],"version":1}'
    ) == ranking.to_bytes()
    assert msgspec.json.decode(ranking.to_bytes(), type=Ranking) == ranking


def test_nothing_is_final_before_every_region_has_spoken():
    some = {region: MARKERS[region] for region in REGIONS[:2]}
    assert Waiting(("us-west",), ()) == close(BOARD, REGIONS, some, AT_HOME)


def test_nothing_is_final_before_the_entries_are_those_of_the_markers():
    late = {**AT_HOME, "sa-east": []}
    other = {**AT_HOME, "us-west": [Entry("dina", 100, 2)]}
    assert Waiting((), ("sa-east",)) == close(BOARD, REGIONS, MARKERS, late)
    assert Waiting((), ("us-west",)) == close(BOARD, REGIONS, MARKERS, other)


def test_a_withdrawal_makes_a_new_version_in_which_others_move_up():
    markers = {**MARKERS, "sa-east": marker_of(BOARD, "sa-east", 2, [])}
    ranking = close(BOARD, REGIONS, markers, {**AT_HOME, "sa-east": []})
    assert (2, (Row(1, "ben", 7_000), Row(1, "anna", 7_000), Row(3, "dina", 100))) == (
        ranking.version,
        ranking.rows,
    )


def test_a_region_without_anybody_says_so_and_holds_up_nobody():
    nobody = {region: marker_of(BOARD, region, 1, []) for region in REGIONS}
    assert () == close(BOARD, REGIONS, nobody, {}).rows


def test_people_of_a_region_that_does_not_take_part_are_not_ranked():
    ranking = close(BOARD, REGIONS[:1], MARKERS, AT_HOME)
    assert ["ben", "anna"] == [row.pseudonym for row in ranking.rows]


def test_a_region_that_contradicts_itself_is_taken_alike_by_all():
    one, other = (marker_of(BOARD, "sa-east", 3, entries) for entries in ([CARLA], [DINA]))
    assert newer(one, other) == newer(other, one)
    assert MARKERS["sa-east"] != newer(MARKERS["sa-east"], one) == newer(one, MARKERS["sa-east"])


@dataclass
class Elsewhere:
    """What another region keeps: the newest of everything, as its timed tables do."""

    entries: dict = field(default_factory=dict)
    markers: dict = field(default_factory=dict)

    def hear(self, message):
        if message[0] == "marker":
            marker = message[1]
            self.markers[marker.region] = newer(marker, self.markers.get(marker.region, marker))
        else:
            _, region, ref, number, entry = message
            if number >= self.entries.get((region, ref), (0, None))[0]:
                self.entries[region, ref] = (number, entry)

    def close(self):
        entries = {region: [] for region in REGIONS}
        for (region, _), (_, entry) in self.entries.items():
            if entry is not None:
                entries[region].append(entry)
        return close(BOARD, REGIONS, self.markers, entries)


def told(people, withdrawals):
    """All messages of a board: scores as they grew, markers, then withdrawals with the markers after them."""
    messages, standing, numbers = [], {region: {} for region in REGIONS}, dict.fromkeys(REGIONS, 1)
    for ref, (region, score, reached_ms) in people.items():
        messages.append(("entry", region, ref, 1, Entry(ref, score // 2, 0)))
        standing[region][ref] = Entry(ref, score, reached_ms)
        messages.append(("entry", region, ref, 2, standing[region][ref]))
    messages += [("marker", marker_of(BOARD, region, 1, standing[region].values())) for region in REGIONS]
    for ref in withdrawals:
        region = people[ref][0]
        del standing[region][ref]
        numbers[region] += 1
        messages.append(("entry", region, ref, 3, None))
        messages.append(("marker", marker_of(BOARD, region, numbers[region], standing[region].values())))
    return messages, [entry for of_region in standing.values() for entry in of_region.values()]


PEOPLE = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.tuples(st.sampled_from(REGIONS), st.integers(0, 5), st.integers(0, 3)),
    max_size=8,
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(PEOPLE, st.data(), st.randoms(use_true_random=False))
def test_all_regions_end_with_the_same_bytes_whatever_the_order_of_arrival(people, data, dice):
    withdrawn = data.draw(st.lists(st.sampled_from(sorted(people)), unique=True) if people else st.just([]))
    messages, left = told(people, withdrawn)
    ends = set()
    for _ in range(3):
        region, arrivals = Elsewhere(), messages + dice.sample(messages, len(messages) // 2)
        dice.shuffle(arrivals)
        versions = []
        for message in arrivals:
            region.hear(message)
            end = region.close()
            versions += [end.version] if isinstance(end, Ranking) else []
        assert versions == sorted(versions)
        ends.add(region.close().to_bytes())
    (end,) = ends
    ranking = msgspec.json.decode(end, type=Ranking)
    assert (1 + len(withdrawn), tuple(rows_of(left))) == (ranking.version, ranking.rows)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.permutations([ANNA, BEN, CARLA, DINA]))
def test_a_digest_does_not_depend_on_the_order(entries):
    assert digest_of([ANNA, BEN, CARLA, DINA]) == digest_of(entries)
