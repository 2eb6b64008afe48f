"""What can go wrong with consents, as the caller is told.

Problem
└── LedgerFull          too many consents were given in a day; withdrawing is always possible
"""

from locales.messages import N_
from region_node.errors import TooManyRequests


class LedgerFull(TooManyRequests):
    code = "ledger_full"
    status = 429
    title = N_("Too many changes to your consents; you can still withdraw and object")
