"""The channels and senders against stand-ins of the providers."""
