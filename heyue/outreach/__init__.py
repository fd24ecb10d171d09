"""Outreach: who is written to when, by which channel, in which words, and who is not, and why. Pure rules and wording."""
