"""The error tree. Every refusal has a name; an ordinary "no" is a returned outcome, not an error."""


class HeyueError(Exception):
    """Root of every error that Heyue raises on purpose. `str(error)` may be shown to a user."""


class Refused(HeyueError):
    """A rule says no. The caller answers politely and goes on."""


class Unknown(HeyueError):
    """Something named does not exist or cannot be understood. Ask again or hand over."""


class Broken(HeyueError):
    """Our own fault or the machine's. Log it, alert, and hand over to a human."""


class UnknownCase(Unknown):
    """No case has this number."""


class UnknownConversation(Unknown):
    """No conversation has this number."""


class BadInput(Refused):
    """Input that cannot be taken. The message names the file, line, field and the remedy."""


class BadSetting(BadInput):
    """A variable of the environment that cannot be used. `variable`: without it the others would do."""

    def __init__(self, says: str, variable: str) -> None:
        super().__init__(says)
        self.variable = variable


class StoreUnavailable(Broken):
    """The store did not answer: locked, full, away, or of another schema version."""


class SealBroken(Broken):
    """A stored value cannot be opened: it is damaged, or was sealed with another key. The store itself answers."""


class EngineUnavailable(Broken):
    """The engine that reads archives is not installed, does not start, or gave up."""
