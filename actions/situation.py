"""What borrowers do instead of promising."""

from actions.desk_action import DeskAction


class SituationAction(DeskAction):
    """Passes the message to the situation flow of the conversation."""

    flow = "situation"
