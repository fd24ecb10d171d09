"""What Rasa loads: configuration, domain, components, channels."""
