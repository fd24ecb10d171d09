"""Simulated debtors for practice: who they are, how they react, what they say, and how a talk with them is judged.

A debtor is a persona (what a collector may know, and a hidden card), a state that the collector's moves change, and a
store of handwritten lines. The same persona, level, seed and lines give the same talk, without a language model.
"""
