"""A human, a complaint, no more messages, danger to life."""

from actions.desk_action import DeskAction


class ServiceAction(DeskAction):
    """Passes the message to the service flow of the conversation."""

    flow = "service"
