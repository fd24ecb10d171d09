"""The promise to pay: date, amount, reason."""

from actions.desk_action import DeskAction


class PromiseAction(DeskAction):
    """Passes the message to the promise flow of the conversation."""

    flow = "promise"
