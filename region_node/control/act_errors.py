"""Why an act of operators does not go ahead; nothing was changed by any of them."""


class ActRefused(Exception):
    """The act is not allowed as things stand; the message says why. Nothing was changed."""


class NotAuthenticated(ActRefused):
    """The token is no operator's. The same answer for a wrong, an unknown and a revoked one."""


class ActNotFound(ActRefused):
    """No such act or operator."""


class ActConflict(ActRefused):
    """Somebody else was first, or a name or key is taken."""
