"""Entity tags (RFC 9110)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from region_node.http.etag import matches_strongly, matches_weakly, quoted, tags

OPAQUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"+'), max_size=12)
LISTS = st.lists(st.tuples(st.booleans(), OPAQUE), max_size=6)


@pytest.mark.parametrize(
    ("header", "strong", "weak"),
    [
        ('"v1"', True, True),
        ('W/"v1"', False, True),
        ('"v2"', False, False),
        ('"v0", "v1"', True, True),
        ('"v0" , W/"v1"', False, True),
        ("*", True, True),
        (" * ", True, True),
        ('"v1+gzip"', True, True),
        ('"v1+br"', False, False),
        ('"a,b","v1"', True, True),
        ("v1", False, False),
        ('"v1', False, False),
        ("", False, False),
        ('"v0" "v1"', False, False),
    ],
)
def test_conditions(header, strong, weak):
    assert (strong, weak) == (matches_strongly(header, "v1"), matches_weakly(header, "v1"))


@given(LISTS, st.sampled_from([",", ", ", " ,", "\t, "]))
def test_a_list_is_read_as_it_was_written(entries, separator):
    header = separator.join(("W/" if weak else "") + f'"{opaque}"' for weak, opaque in entries)
    assert entries == list(tags(header))


@given(st.text(max_size=60))
def test_no_header_is_an_error(header):
    assert matches_strongly(header, "never-given") in {True, False}


@pytest.mark.parametrize("opaque", ['a"b', "a b", "é", "a\r\nb"])
def test_a_tag_that_would_break_the_header_is_refused(opaque):
    with pytest.raises(ValueError, match="entity tag"):
        quoted(opaque)
