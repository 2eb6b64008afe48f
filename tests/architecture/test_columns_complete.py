"""Every column says what it holds; what tells something about a person is sealed, or clear for a reason."""

import ast
import tomllib
from pathlib import Path

import pytest

from policies.vocabulary import DataCategory
from region_node.schema import MIGRATIONS, TABLES
from region_node.storage.engine import AddColumn, CreateTable
from region_node.storage.migrations import SCHEMA_VERSIONS
from region_node.storage.schema import MAX_PARTITION_BYTES, Budget, Column, ColumnType, SchemaError, Table
from tests.support.sources import code_files, modules_of, name_of, nodes

# Ids and keyed hashes find rows, instants order them: they have to be readable by the engine.
CLEAR_CATEGORIES = {
    DataCategory.IDENTIFIER,
    DataCategory.PSEUDONYM,
    DataCategory.TIMESTAMP,
    DataCategory.NON_PERSONAL,
}
CLEAR_COLUMNS = {
    "data_keys.wrapped": "a key that is encrypted under the epoch's key already",
    "projection_keys.wrapped": "as data_keys.wrapped",
    "refresh_families.digest": "the hash of a random secret; compared by the engine",
    "refresh_families.digest_before": "the hash of a random secret; compared by the engine",
    "erasure_proofs.link": "the hash of a random secret",
    "day_sums.sport": "sums are found by it; a sport without its figures tells little",
    "month_sums.sport": "as day_sums.sport",
    "counted_workouts.sport": "names the sums to correct; a sport without its figures tells little",
}
DATA_DEFINITION = ("create table", "alter table", "drop table", "create index")
STATEMENT_MAKERS = {
    "region_node/storage/cassandra_cql.py",
    "region_node/storage/sqlite_sql.py",
    "region_node/storage/sqlite_timed_sql.py",
}
CONTROL_PLANE = "region_node/control/"
CONTROLS = "cli/auditing/"  # an audit makes scratch tables for its controls, and drops them

RELEASED = tomllib.loads((Path(__file__).parent / "released.toml").read_text())["migrations"]


def columns(tables):
    for table in tables:
        for name, column in table.columns.items():
            yield f"{table.name}.{name}", table, name, column


def offences(tables):
    for place, table, name, column in columns(tables):
        if not isinstance(column.category, DataCategory):
            yield f"{place}: no data category"
            continue
        clear = column.category in CLEAR_CATEGORIES or place in CLEAR_COLUMNS
        if not column.sealed and not clear:
            yield f"{place}: {column.category} is neither sealed nor listed as clear"
        if name in table.own_key and not clear:
            yield f"{place}: a personal value in a key"
        if name.endswith("person_id") and name not in table.subject:
            yield f"{place}: not declared as a subject"


def described(table):
    """The columns of a table as `released.toml` writes them."""
    return {f"{name}: {one.type}{' sealed' if one.sealed else ''}" for name, one in table.columns.items()}


def planted_table(**changes):
    declared = {
        "name": "planted",
        "partition": ("person_id",),
        "columns": {
            "person_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
            "nickname": Column(ColumnType.TEXT, DataCategory.DISPLAY_NAME),
        },
        "subject": ("person_id",),
        "budget": Budget(rows=1, row_bytes=100),
    }
    return Table(**{**declared, **changes})


def test_every_column_is_declared_and_sealed_where_it_tells_something():
    assert [] == list(offences(TABLES))


def test_every_reason_for_a_clear_column_is_still_needed():
    clear = {
        place
        for place, _, _, one in columns(TABLES)
        if not one.sealed and one.category not in CLEAR_CATEGORIES
    }
    assert clear == CLEAR_COLUMNS.keys()


def test_every_table_that_a_module_declares_is_in_the_schema():
    declared = {
        table.name
        for module in modules_of("region_node")
        for table in vars(module).values()
        if isinstance(table, Table)
    }
    assert declared == {table.name for table in TABLES}


def test_every_table_is_made_by_exactly_one_migration():
    made = [one.table.name for each in MIGRATIONS for one in each.changes if isinstance(one, CreateTable)]
    expected = [table.name for table in TABLES if table is not SCHEMA_VERSIONS]
    assert sorted(expected) == sorted(made)


def test_migrations_are_numbered_from_one_without_a_gap():
    assert [each.number for each in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_every_column_reaches_deployed_stores_by_a_migration():
    made = {(name, line) for each in RELEASED.values() for name, lines in each.items() for line in lines}
    declared = {(one.name, line) for one in TABLES if one is not SCHEMA_VERSIONS for line in described(one)}
    advice = "a new column needs a migration, and a line in tests/architecture/released.toml"
    assert [] == sorted(declared ^ made), advice


def test_released_columns_stand_in_the_migration_that_makes_them():
    for migration in MIGRATIONS:
        released = RELEASED[str(migration.number)]
        assert {change.table.name for change in migration.changes} == released.keys()
        added = {(one.table.name, one.column) for one in migration.changes if isinstance(one, AddColumn)}
        listed = {
            (name, line.partition(":")[0])
            for name, lines in released.items()
            for line in lines
            if (name, line.partition(":")[0]) in added
        }
        assert added == listed


def test_every_partition_stays_within_its_budget():
    assert [] == [table.name for table in TABLES if table.budget.partition_bytes > MAX_PARTITION_BYTES]
    assert [] == [table.name for table in TABLES if not table.clustering and table.budget.rows != 1]


def test_tables_are_made_from_declarations_only():
    found = {
        name_of(path)
        for path in code_files()
        for node in nodes(path, ast.Constant)
        if isinstance(node.value, str) and any(word in node.value.lower() for word in DATA_DEFINITION)
    }
    assert {name for name in found if not name.startswith((CONTROL_PLANE, CONTROLS))} == STATEMENT_MAKERS


def test_a_planted_column_in_the_clear_is_found():
    found = list(offences([planted_table()]))
    assert ["planted.nickname: display-name is neither sealed nor listed as clear"] == found


def test_a_planted_column_without_a_category_is_found():
    columns_ = {
        "person_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "note": Column(ColumnType.TEXT, "x"),
    }
    assert ["planted.note: no data category"] == list(offences([planted_table(columns=columns_)]))


def test_a_planted_personal_key_is_found():
    key = planted_table(partition=("person_id", "nickname"))
    assert "planted.nickname: a personal value in a key" in list(offences([key]))


def test_a_planted_person_without_a_subject_is_found():
    nobody = {"person_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER)}
    found = list(offences([planted_table(columns=nobody, subject=())]))
    assert ["planted.person_id: not declared as a subject"] == found


def test_a_sealed_key_cannot_be_declared():
    key = {"person_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER, sealed=True)}
    with pytest.raises(SchemaError, match="sealed"):
        planted_table(columns=key)
