"""What a store looks like, declared for the auditor alone: never imported from the code that writes it."""

import re

KEYSPACE_PREFIX = "meridian_"
SYSTEM_KEYSPACES = frozenset(
    {
        "system",
        "system_auth",
        "system_distributed",
        "system_schema",
        "system_traces",
        "system_views",
        "system_virtual_schema",
    }
)
KEYS_SPACE, SHARED_SPACE = "keys", "shared"
JURISDICTION_COLUMN = "jurisdiction"
SEALED_FILE = b"MSEA\x01"
SUBJECT_PREFIXES = (("event",), ("work", "import"))
"""First parts of subjects whose next part is a jurisdiction."""

_ULID = r"[0-7][0-9a-hjkmnp-tv-z]{25}"
_NAME = r"[a-z]{2}(?:-[a-z0-9]{1,3})?"
ID_TAIL = re.compile(f"_{_ULID}".encode())
ID_HEAD = re.compile(f"({_NAME})$".encode())
LONGEST_NAME = 6
LONGEST_ID = LONGEST_NAME + 1 + 26
NAMED_FIELD = re.compile(rf'"{JURISDICTION_COLUMN}"\s*:\s*"({_NAME})"'.encode())
EMAIL = re.compile(rb"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")


def space_of_keyspace(keyspace: str) -> str:
    """The space in a keyspace's name; empty for one that is not ours."""
    if not keyspace.startswith(KEYSPACE_PREFIX):
        return ""
    return keyspace.removeprefix(KEYSPACE_PREFIX).replace("_", "-")


def header_jurisdiction(start: bytes) -> str:
    """What a sealed file names in clear; empty where it is no sealed file."""
    begin = len(SEALED_FILE) + 1
    if not start.startswith(SEALED_FILE) or len(start) < begin:
        return ""
    return start[begin : begin + start[begin - 1]].decode("ascii", errors="replace")
