"""Messages that no intent fits."""

from actions.desk_action import DeskAction


class FallbackAction(DeskAction):
    """Passes the message to the fallback flow of the conversation."""

    flow = "fallback"
