"""Tables of accounts. Keys are ids and keyed hashes; what tells who somebody is lies sealed."""

from policies.vocabulary import DataCategory as Category
from region_node.storage.schema import Budget, Column, ColumnType, Table

REFRESH_LIFE_S = 60 * 86_400

PEOPLE = Table(
    name="people",
    partition=("person_id",),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "version": Column(ColumnType.INT, Category.NON_PERSONAL),
        "state": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "created_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "login_key": Column(ColumnType.TEXT, Category.PSEUDONYM),
        "age_assurance": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "email": Column(ColumnType.TEXT, Category.EMAIL, sealed=True),
        "display_name": Column(ColumnType.TEXT, Category.DISPLAY_NAME, sealed=True),
        "birth_date": Column(ColumnType.TEXT, Category.DATE_OF_BIRTH, sealed=True),
        "place": Column(ColumnType.TEXT, Category.COUNTRY, sealed=True),
        "language": Column(ColumnType.TEXT, Category.COUNTRY, sealed=True),
        "time_zone": Column(ColumnType.TEXT, Category.COARSE_LOCATION, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=1, row_bytes=2_000),
)

CREDENTIALS = Table(
    name="credentials",
    partition=("person_id",),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "changed_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "password_hash": Column(ColumnType.TEXT, Category.CREDENTIAL, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=1, row_bytes=600),
)

LOGINS = Table(
    name="logins",
    partition=("login_key",),
    columns={
        "login_key": Column(ColumnType.TEXT, Category.PSEUDONYM),
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
    },
    subject=("person_id",),
    conditional=True,
    budget=Budget(rows=1, row_bytes=300),
)

REFRESH_FAMILIES = Table(
    name="refresh_families",
    partition=("family",),
    columns={
        "family": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "counter": Column(ColumnType.INT, Category.NON_PERSONAL),
        "digest": Column(ColumnType.BYTES, Category.CREDENTIAL),
        "digest_before": Column(ColumnType.BYTES, Category.CREDENTIAL),
    },
    subject=("person_id",),
    conditional=True,
    ttl_s=REFRESH_LIFE_S,
    budget=Budget(rows=1, row_bytes=400),
)

TABLES = (PEOPLE, CREDENTIALS, LOGINS, REFRESH_FAMILIES)
