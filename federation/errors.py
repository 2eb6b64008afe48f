"""What the bus can answer instead of an acknowledgement.

BusError
├── BusUnavailable         try again later with the same message id; it may have been stored
│   └── LaneFull           the destination has left too much lying: tell the operator, then try again
├── UnknownDestination     nobody pulls there: prepare the destination first
└── MessageRefused         too large for a message; trying again does not help
"""


class BusError(Exception):
    pass


class BusUnavailable(BusError):
    def __init__(self, reason: str, retry_after_s: int = 5) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class LaneFull(BusUnavailable):
    pass


class UnknownDestination(BusError):
    pass


class MessageRefused(BusError):
    pass
