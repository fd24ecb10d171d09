"""The two components of Heyue in Rasa's pipeline: the reader and the intent classifier."""
