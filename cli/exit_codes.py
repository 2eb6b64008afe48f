"""Exit statuses of every command, so that scripts need not read text."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    DIFFERENCES = 1
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    CONFLICT = 5
    UNREACHABLE = 6
    PARTIAL = 7
