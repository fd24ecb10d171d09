"""Rasa SDK actions, one file a flow. The action server finds all of them here."""

from actions.fallback import FallbackAction
from actions.identity import IdentityAction
from actions.promise import PromiseAction
from actions.question import QuestionAction
from actions.service import ServiceAction
from actions.situation import SituationAction
from actions.smalltalk import SmalltalkAction

__all__ = [
    "FallbackAction",
    "IdentityAction",
    "PromiseAction",
    "QuestionAction",
    "ServiceAction",
    "SituationAction",
    "SmalltalkAction",
]
