from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.deadlines import Deadlines, Figure, Pause, breach_due_at, deadlines_of, due_at
from policies.loading import load_packs
from policies.source import Source
from policies.vocabulary import Basis, Certainty
from tests.policies.test_loading import GOOD

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
SOURCE = Source(ref="Act 1", certainty=Certainty.HIGH, basis=Basis.SEEN, effective=None, note="")
DAY = timedelta(days=1)


def figure(value):
    return Figure(value=value, source=SOURCE)


PAUSING = Deadlines(
    dsr_days=figure(28),
    extension_days=figure(56),
    breach_authority_hours=figure(72),
    breach_subjects_hours=figure(None),
    may_pause=True,
    authority="the authority",
    followup_hours=None,
)
STEADY = replace(PAUSING, may_pause=False)
LAST = NOON + 28 * DAY

CASES = [
    pytest.param(STEADY, [], False, LAST, id="the-laws-days"),
    pytest.param(STEADY, [], True, LAST + 56 * DAY, id="extended"),
    pytest.param(replace(STEADY, extension_days=figure(0)), [], True, LAST, id="no-extension-allowed"),
    pytest.param(replace(STEADY, extension_days=figure(None)), [], True, LAST, id="no-figure-for-it"),
    pytest.param(replace(STEADY, dsr_days=figure(None)), [], False, None, id="no-figure-at-all"),
    pytest.param(STEADY, [(1, 3)], False, LAST, id="this-clock-does-not-stand-still"),
    pytest.param(PAUSING, [(1, 3)], False, LAST + 2 * DAY, id="stood-still-for-two-days"),
    pytest.param(PAUSING, [(1, 3), (5, 6)], False, LAST + 3 * DAY, id="two-pauses-add-up"),
    pytest.param(PAUSING, [(5, 6), (1, 3)], False, LAST + 3 * DAY, id="in-any-order"),
    pytest.param(PAUSING, [(1, 4), (2, 6)], False, LAST + 5 * DAY, id="an-overlap-counts-once"),
    pytest.param(PAUSING, [(1, 9), (2, 3), (8, 10)], False, LAST + 9 * DAY, id="nor-does-what-lies-within"),
    pytest.param(PAUSING, [(-3, 2)], False, LAST + 2 * DAY, id="from-the-receipt-on"),
    pytest.param(PAUSING, [(-3, -1)], False, LAST, id="all-of-it-before"),
    pytest.param(PAUSING, [(27, 30)], False, LAST + 3 * DAY, id="begun-on-the-last-day"),
    pytest.param(PAUSING, [(28, 30)], False, LAST, id="too-late"),
    pytest.param(PAUSING, [(20, 25), (29, 30)], False, LAST + 6 * DAY, id="in-time-thanks-to-an-earlier-one"),
    pytest.param(PAUSING, [(3, None)], False, None, id="still-standing"),
    pytest.param(PAUSING, [(28, None)], False, LAST, id="too-late-to-stand-still"),
    pytest.param(PAUSING, [(40, 42)], True, LAST + 58 * DAY, id="within-the-extension"),
]


def pause(since, until):
    return Pause(since=NOON + since * DAY, until=None if until is None else NOON + until * DAY)


@pytest.mark.parametrize(("deadlines", "days", "extended", "expected"), CASES)
def test_a_request_is_due_after_the_laws_days_and_the_time_that_its_clock_stood_still(
    deadlines, days, extended, expected
):
    pauses = [pause(*ends) for ends in days]
    assert expected == due_at(deadlines, NOON, pauses, extended=extended)


ENDED = st.tuples(st.integers(-10, 60), st.integers(0, 30)).map(lambda pair: pause(pair[0], sum(pair)))


@given(pauses=st.lists(ENDED, max_size=6), extended=st.booleans(), more=ENDED)
def test_a_pause_never_brings_the_end_nearer_and_moves_it_by_no_more_than_its_length(pauses, extended, more):
    before = due_at(PAUSING, NOON, pauses, extended=extended)
    after = due_at(PAUSING, NOON, [*pauses, more], extended=extended)
    at_most = sum((each.until - each.since for each in [*pauses, more]), timedelta())
    assert before <= after <= due_at(PAUSING, NOON, extended=extended) + at_most


@given(pauses=st.lists(ENDED, max_size=6), seed=st.randoms(use_true_random=False))
def test_the_order_in_which_pauses_are_told_does_not_matter(pauses, seed):
    mixed = seed.sample(pauses, len(pauses))
    assert due_at(PAUSING, NOON, pauses) == due_at(PAUSING, NOON, mixed)


@given(pauses=st.lists(ENDED, max_size=6))
def test_the_end_is_the_days_and_every_moment_that_stood_still_in_between(pauses):
    due = due_at(PAUSING, NOON, pauses)
    stood = sum(
        any(each.since <= NOON + n * DAY < each.until for each in pauses) for n in range((due - NOON).days)
    )
    assert due == NOON + (28 + stood) * DAY


def test_a_breach_is_told_within_its_hours_or_without_delay():
    assert breach_due_at(figure(72), NOON) == NOON + 3 * DAY
    assert breach_due_at(figure(None), NOON) is None


def test_britain_lets_the_clock_stand_still_and_others_do_not(packs):
    pausing = {name for name, pack in packs.by_jurisdiction.items() if deadlines_of(pack).may_pause}
    assert pausing == {"gb"}


def test_whom_to_tell_and_when_to_tell_more_is_known_for_each_place(packs):
    found = {name: deadlines_of(pack) for name, pack in packs.by_jurisdiction.items()}
    assert all(deadlines.authority for deadlines in found.values())
    assert found["br"].authority == "ANPD"
    more = {name: deadlines.followup_hours for name, deadlines in found.items() if deadlines.followup_hours}
    assert more == {"ru": 72, "br": 20 * 24, "jp": 30 * 24}


def test_each_figure_has_the_article_that_it_comes_from(packs):
    deadlines = deadlines_of(packs.by_jurisdiction["us-ca"])
    assert deadlines.dsr_days.source.ref == "Civ. Code 1798.130(a)(2); 11 CCR 7021, 7026"
    assert deadlines.extension_days.source.ref == "Civ. Code 1798.130(a)(2); 11 CCR 7021, 7026"
    assert deadlines.breach_authority_hours.source.ref == "Civ. Code 1798.82 (SB 446)"
    assert deadlines.breach_subjects_hours.source.ref == "Civ. Code 1798.82 (SB 446)"


def test_a_pack_without_deadlines_says_so():
    with pytest.raises(LookupError, match="aa has no"):
        deadlines_of(load_packs({"aa.toml": GOOD}).by_jurisdiction["aa"])
