"""Yes, no, thanks, insults, silence."""

from actions.desk_action import DeskAction


class SmalltalkAction(DeskAction):
    """Passes the message to the smalltalk flow of the conversation."""

    flow = "smalltalk"
