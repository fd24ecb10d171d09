"""What Rasa loads: components, channels, stores, and the start of the server. Thin: the trade is in heyue."""
