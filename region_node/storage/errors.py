"""What storage can answer instead of a row.

StorageError
├── StorageUnavailable   try again later; nothing is known to be lost, the write may have happened
├── BatchTooLarge        a bug of the caller: put samples first, then a small batch
└── SchemaMismatch       the operator's turn: migrate, or mend the keyspaces
"""


class StorageError(Exception):
    pass


class StorageUnavailable(StorageError):
    """The engine did not answer, is full or stopped. Repeat the same operation: all are idempotent."""

    def __init__(self, reason: str, retry_after_s: int = 5) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class BatchTooLarge(StorageError):
    pass


class SchemaMismatch(StorageError):
    pass
