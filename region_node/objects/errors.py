"""What object storage can answer instead of an object.

ObjectError
├── ObjectsUnavailable   try again later; nothing acknowledged is lost
└── ObjectMissing        there is none of that name
"""


class ObjectError(Exception):
    pass


class ObjectsUnavailable(ObjectError):
    def __init__(self, reason: str, retry_after_s: int = 10) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class ObjectMissing(ObjectError):
    pass
