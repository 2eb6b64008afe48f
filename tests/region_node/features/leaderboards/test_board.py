"""Places on a board: equal to those of a plain sorted list, in every order of changes."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from region_node.features.leaderboards.board import MAX_PAGE, Board, BoardFull
from region_node.features.leaderboards.model import MAX_REF_BYTES, MAX_SCORE, Entry, Place

REFS = ["a", "aa", "ab", "b", "de_01", "z" * MAX_REF_BYTES]
ENTRIES = st.builds(
    Entry,
    ref=st.sampled_from(REFS),
    score=st.sampled_from([0, 1, 255, 256, 257, MAX_SCORE]),
    reached_ms=st.sampled_from([0, 1, 256, 2**40]),
)
CHANGES = st.lists(ENTRIES | st.sampled_from(REFS), max_size=40)


def places(entries):
    """By the definition: the rank is one more than the number of better scores."""
    ordered = sorted(entries, key=lambda entry: (-entry.score, entry.reached_ms, entry.ref))
    return [
        Place(1 + sum(other.score > entry.score for other in ordered), position, entry)
        for position, entry in enumerate(ordered)
    ]


def many(count, seed=7):
    dice = random.Random(seed)  # noqa: S311 - drawn anew by anybody
    return [Entry(f"p{number:06}", dice.randrange(count // 3), dice.randrange(5)) for number in range(count)]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(CHANGES)
def test_every_place_is_that_of_a_plain_list_after_any_changes(changes):
    board, model = Board(), {}
    for change in changes:
        if isinstance(change, Entry):
            board.upsert(change)
            model[change.ref] = change
        else:
            assert (model.pop(change, None) is not None) is board.remove(change)
    expected = places(model.values())
    assert expected == board.page()
    assert [place.entry for place in expected] == list(board)
    assert {place.entry.ref: place for place in expected} | dict.fromkeys(REFS - model.keys()) == {
        ref: board.place(ref) for ref in REFS
    }


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(ENTRIES, unique_by=lambda entry: entry.ref), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_show(entries, dice):
    shuffled = list(entries)
    dice.shuffle(shuffled)
    slowly = Board()
    for entry in shuffled:
        slowly.upsert(entry)
    assert Board(entries).page() == slowly.page()


def test_equals_share_a_rank_and_the_first_to_reach_it_stands_first():
    entries = [Entry("late", 5, 20), Entry("early", 5, 10), Entry("best", 9, 30), Entry("last", 1, 0)]
    assert [("best", 1), ("early", 2), ("late", 2), ("last", 4)] == [
        (place.entry.ref, place.rank) for place in Board(entries).page()
    ]
    assert [Place(2, 2, entries[0])] == [Board(entries).place("late")]


def test_places_hold_over_many_blocks_and_many_changes():
    entries = many(5_000)
    board, model = Board(entries[:3_000]), {entry.ref: entry for entry in entries[:3_000]}
    for entry in entries[3_000:]:
        board.upsert(entry)
        model[entry.ref] = entry
    for entry in many(4_000, seed=8)[::2]:
        board.upsert(entry)
        model[entry.ref] = entry
    for ref in list(model)[::3]:
        assert board.remove(ref)
        del model[ref]
    ordered = sorted(model.values(), key=lambda entry: entry.order)
    better = {}
    for position, entry in enumerate(ordered):
        better.setdefault(entry.score, position)
    expected = [Place(better[entry.score] + 1, position, entry) for position, entry in enumerate(ordered)]
    assert expected == [board.place(place.entry.ref) for place in expected]
    assert expected[1_234:1_244] == board.page(1_234, 10)


def test_a_board_that_was_emptied_takes_entries_again():
    board = Board(many(2_000))
    for entry in many(2_000):
        board.remove(entry.ref)
    assert (0, [], None) == (len(board), board.page(), board.place("p000000"))
    board.upsert(Entry("new", 1, 1))
    assert [Place(1, 0, Entry("new", 1, 1))] == board.page()


def test_entries_in_ascending_order_do_not_leave_blocks_half_empty():
    board = Board()
    for number in range(20_000):
        board.upsert(Entry(f"p{number:06}", 20_000 - number, 0))
    assert 20_000 / 700 > len(board._by_place._blocks)


def test_neighbours_stand_on_both_sides_and_end_with_the_board():
    board = Board(Entry(f"p{number:02}", 100 - number, 0) for number in range(20))
    assert ["p08", "p09", "p10", "p11", "p12"] == [one.entry.ref for one in board.around("p10", 2)]
    assert ["p00", "p01", "p02"] == [one.entry.ref for one in board.around("p00", 2)]
    assert ["p17", "p18", "p19"] == [one.entry.ref for one in board.around("p19", 2)]
    assert [] == board.around("nobody")


def test_a_page_is_bounded_and_begins_where_it_is_asked_to():
    board = Board(many(1_000))
    assert MAX_PAGE == len(board.page())
    assert (
        MAX_PAGE + 1 == len(board.page(0, 10_000)) == len(board.around(board.page(500, 1)[0].entry.ref, 999))
    )
    assert [] == board.page(1_000)
    assert board.page(90, 20) == places(board)[90:110]


def test_a_full_board_refuses_a_newcomer_and_still_corrects_who_is_on_it():
    board = Board([Entry("a", 1, 0), Entry("b", 2, 0)], most=2)
    with pytest.raises(BoardFull):
        board.upsert(Entry("c", 3, 0))
    with pytest.raises(BoardFull):
        Board(many(3), most=2)
    board.upsert(Entry("a", 5, 0))
    assert ["a", "b"] == [entry.ref for entry in board]


@pytest.mark.parametrize(
    "facts",
    [("", 1, 1), ("ä", 1, 1), ("a\0", 1, 1), ("z" * 41, 1, 1), ("a", -1, 1), ("a", 2**63, 1), ("a", 1, -1)],
)
def test_an_entry_that_cannot_be_packed_is_refused(facts):
    with pytest.raises(ValueError, match=r"a ref is|whole numbers"):
        Entry(*facts)
