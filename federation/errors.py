"""What the bus can answer instead of an acknowledgement.

BusError
└── BusUnavailable   try again later with the same message id; it may have been stored
"""


class BusError(Exception):
    pass


class BusUnavailable(BusError):
    def __init__(self, reason: str, retry_after_s: int = 5) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s
