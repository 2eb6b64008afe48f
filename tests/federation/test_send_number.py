"""What a region sends that has taken over outranks all that was sent before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.send_number import MAX_COUNT, MAX_EPOCH, count_of, epoch_of, send_number

EPOCHS, COUNTS = st.integers(0, MAX_EPOCH), st.integers(1, MAX_COUNT)


@given(one=st.tuples(EPOCHS, COUNTS), other=st.tuples(EPOCHS, COUNTS))
def test_epochs_go_before_counts(one, other):
    assert (one < other) == (send_number(*one) < send_number(*other))


@given(epoch=EPOCHS, count=COUNTS)
def test_it_comes_apart_again_and_fits_a_write_timestamp(epoch, count):
    number = send_number(epoch, count)
    assert (epoch, count) == (epoch_of(number), count_of(number))
    assert 0 < number < 2**63


@pytest.mark.parametrize(("epoch", "count"), [(-1, 1), (MAX_EPOCH + 1, 1), (0, 0), (0, MAX_COUNT + 1)])
def test_what_does_not_fit_is_refused(epoch, count):
    with pytest.raises(ValueError, match="no send number"):
        send_number(epoch, count)
