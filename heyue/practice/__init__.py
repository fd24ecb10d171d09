"""Practice: simulated debtors that a trainee talks with, and what the talk was worth.

A debtor is a persona with a hidden card, a state that the trainee's moves change, and handwritten lines; nothing here
asks a language model, the store or the clock, and the same lines to the same debtor give the same talk.
"""
