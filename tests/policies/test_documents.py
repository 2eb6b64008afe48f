import pytest

from policies.documents import FaultyDocuments, Reading


@pytest.mark.parametrize("entry", ["1", '"text"', "[1]"])
def test_an_entry_of_an_array_of_tables_that_is_none_is_named(entry):
    reading = Reading()
    table = reading.document("x.toml", f"rules = [{{a = 1}}, {entry}]")
    assert [1] == [one.values["a"] for one in table.tables("rules")]
    with pytest.raises(FaultyDocuments) as refused:
        reading.finish()
    assert ["rules[1]"] == [fault.path for fault in refused.value.faults]
