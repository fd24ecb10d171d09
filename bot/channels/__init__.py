"""Channels: a provider's payload in, one call to the desk, Rasa's answer out."""
