"""What can go wrong with requests for rights, as the caller is told.

Problem
├── FreshSignInNeeded     the password is needed once more, and was not right
├── ErasureHeld           a legal hold stands: nothing may be erased while it does
├── RequestUnderWay       there is one of this kind already; look at it
├── RightsStepRefused     the step does not follow from where the request stands
├── RestrictionStands     the person has to know first, and a second operator lifts it then
└── ArchiveGone           the archive is not ready, or its time is over; ask for a new one
"""

from locales.messages import N_
from region_node.errors import Conflict, GiveUp


class FreshSignInNeeded(GiveUp):
    code = "fresh_sign_in_needed"
    status = 403
    title = N_("Please confirm with your password")


class ErasureHeld(Conflict):
    code = "erasure_held"
    status = 409
    title = N_("The law requires that this data is kept for now")


class RequestUnderWay(Conflict):
    code = "request_under_way"
    status = 409
    title = N_("You have asked for this already, and it is being worked on")


class RightsStepRefused(Conflict):
    code = "rights_step_refused"
    status = 409
    title = N_("This step is not possible where the request stands now")


class RestrictionStands(Conflict):
    code = "restriction_stands"
    status = 409
    title = N_("The person has to be told first; another operator lifts it when the notice is over")


class ArchiveGone(Conflict):
    code = "archive_gone"
    status = 409
    title = N_("The archive is not ready, or is no longer kept")
