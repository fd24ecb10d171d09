"""Questions of borrowers."""

from actions.desk_action import DeskAction


class QuestionAction(DeskAction):
    """Passes the message to the question flow of the conversation."""

    flow = "question"
