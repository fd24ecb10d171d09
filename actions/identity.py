"""Right-party contact: who is on the line."""

from actions.desk_action import DeskAction


class IdentityAction(DeskAction):
    """Passes the message to the identity flow of the conversation."""

    flow = "identity"
