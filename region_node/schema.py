"""Every table of the node, and the numbered migrations that make them."""

from region_node.features.accounts.tables import TABLES as ACCOUNT_TABLES
from region_node.features.achievements.tables import TABLES as ACHIEVEMENT_TABLES
from region_node.features.challenges.tables import TABLES as CHALLENGE_TABLES
from region_node.features.consent.tables import GUARDIAN_TABLES
from region_node.features.consent.tables import TABLES as CONSENT_TABLES
from region_node.features.rights.tables import ARCHIVES_TO_MAKE, RIGHTS_LATEST
from region_node.features.rights.tables import TABLES as RIGHTS_TABLES
from region_node.features.social.tables import TABLES as SOCIAL_TABLES
from region_node.features.workouts.history.tables import MONTH_SUMS
from region_node.features.workouts.history.tables import TABLES as HISTORY_TABLES
from region_node.features.workouts.tables import CONTENT_CLAIMS, WORKOUT_HEALTH_PARTS
from region_node.features.workouts.tables import TABLES as WORKOUT_TABLES
from region_node.features.workouts.uploads.tables import TABLES as UPLOAD_TABLES
from region_node.federated.send_tables import TABLES as SEND_TABLES
from region_node.federated.tables import TABLES as FEDERATED_TABLES
from region_node.rulings.changes import STANDING_CHANGES
from region_node.rulings.standing import STANDINGS
from region_node.rulings.uses import TABLES as USE_TABLES
from region_node.storage.engine import AddColumn, CreateTable, ShortenGrace
from region_node.storage.flagged import FLAGGED_WRITES
from region_node.storage.leases import LEASES
from region_node.storage.migrations import SCHEMA_VERSIONS, Migration
from region_node.storage.outbox import OUTBOX
from region_node.storage.person_keys import DATA_KEYS
from region_node.storage.subjects import TABLES as SUBJECT_INDEXES

RULINGS_TABLES = (STANDING_CHANGES, *USE_TABLES)

TABLES = (
    SCHEMA_VERSIONS,
    DATA_KEYS,
    OUTBOX,
    LEASES,
    *ACCOUNT_TABLES,
    *WORKOUT_TABLES,
    *UPLOAD_TABLES,
    *HISTORY_TABLES,
    STANDINGS,
    *CONSENT_TABLES,
    FLAGGED_WRITES,
    *SUBJECT_INDEXES,
    *RIGHTS_TABLES,
    *RULINGS_TABLES,
    *GUARDIAN_TABLES,
    ARCHIVES_TO_MAKE,
    WORKOUT_HEALTH_PARTS,
    RIGHTS_LATEST,
    *SEND_TABLES,
    *FEDERATED_TABLES,
    *CHALLENGE_TABLES,
    *ACHIEVEMENT_TABLES,
    *SOCIAL_TABLES,
)

_LATER = {
    SCHEMA_VERSIONS,
    MONTH_SUMS,
    STANDINGS,
    *CONSENT_TABLES,
    FLAGGED_WRITES,
    *SUBJECT_INDEXES,
    *RIGHTS_TABLES,
    *RULINGS_TABLES,
    *GUARDIAN_TABLES,
    ARCHIVES_TO_MAKE,
    WORKOUT_HEALTH_PARTS,
    RIGHTS_LATEST,
    *SEND_TABLES,
    *FEDERATED_TABLES,
    *CHALLENGE_TABLES,
    *ACHIEVEMENT_TABLES,
    *SOCIAL_TABLES,
}

_WITH_LONG_GRACE = (
    Migration(
        1,
        "accounts, uploads, workouts and their sums",
        tuple(CreateTable(table) for table in TABLES if table not in _LATER),
    ),
    Migration(2, "which upload claimed a content", (AddColumn(CONTENT_CLAIMS, "upload_id"),)),
    Migration(3, "sums by month", (CreateTable(MONTH_SUMS),)),
    Migration(4, "where people stand with the law", (CreateTable(STANDINGS),)),
    Migration(
        5, "the consent ledger", tuple(CreateTable(table) for table in (*CONSENT_TABLES, FLAGGED_WRITES))
    ),
    Migration(
        6,
        "where a person is, and the rights of people",
        tuple(CreateTable(table) for table in (*SUBJECT_INDEXES, *RIGHTS_TABLES)),
    ),
    Migration(
        7,
        "changes of standings, and which data was used for what",
        tuple(CreateTable(table) for table in RULINGS_TABLES),
    ),
    Migration(8, "guardians", tuple(CreateTable(table) for table in GUARDIAN_TABLES)),
    Migration(9, "archives that people asked for", (CreateTable(ARCHIVES_TO_MAKE),)),
    Migration(10, "health channels in rows of their own", (CreateTable(WORKOUT_HEALTH_PARTS),)),
)

MIGRATIONS = (
    *_WITH_LONG_GRACE,
    Migration(
        11,
        "tombstones of people's rows go after a day",
        tuple(
            ShortenGrace(change.table)
            for migration in _WITH_LONG_GRACE
            for change in migration.changes
            if isinstance(change, CreateTable) and change.table.subject
        ),
    ),
    Migration(12, "the newest request of each kind", (CreateTable(RIGHTS_LATEST),)),
    Migration(13, "what was sent to other regions", tuple(CreateTable(table) for table in SEND_TABLES)),
    Migration(14, "what came in from other regions", tuple(CreateTable(table) for table in FEDERATED_TABLES)),
    Migration(
        15,
        "challenges that people take part in, and their achievements",
        tuple(CreateTable(table) for table in (*CHALLENGE_TABLES, *ACHIEVEMENT_TABLES)),
    ),
    Migration(
        16,
        "who follows whom, and what their feeds show",
        tuple(CreateTable(table) for table in SOCIAL_TABLES),
    ),
)
