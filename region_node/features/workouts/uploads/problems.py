"""What can go wrong with an upload before it is accepted.

Problem
├── IdempotencyKeyReused    the key stands for other content: choose a new one
├── NothingToRetry          only what was refused or failed can be tried again
└── UploadUnavailable       disk, queue or database is away: repeat with the same key
"""

from locales.messages import N_
from region_node.errors import Conflict, Unavailable


class IdempotencyKeyReused(Conflict):
    code = "idempotency_key_reused"
    status = 409
    title = N_("This idempotency key was used for another file")


class NothingToRetry(Conflict):
    code = "nothing_to_retry"
    status = 409
    title = N_("This upload has not failed, there is nothing to try again")


class UploadUnavailable(Unavailable):
    code = "upload_unavailable"
    status = 503
    title = N_("Uploads are not possible at the moment; nothing is lost, please try again")
