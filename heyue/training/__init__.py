"""Trains the models that read talks, lines and messages, and measures them on voices never seen.

Nothing that reads texts imports this package: it needs scikit-learn and the training data.
"""
