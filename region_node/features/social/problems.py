"""What can go wrong with following, as the caller is told; law itself refuses with `RefusedByPolicy`.

Problem
├── NotYourself   nobody follows or blocks themselves
└── Blocked       the caller has blocked this person: unblock first
"""

from locales.messages import N_
from region_node.errors import Conflict


class NotYourself(Conflict):
    code = "not_yourself"
    status = 409
    title = N_("This is yourself; choose somebody else")


class Blocked(Conflict):
    code = "blocked"
    status = 409
    title = N_("You have blocked this person; unblock them first")
