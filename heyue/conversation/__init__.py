"""The conversation with a borrower: what is said next, and what follows from it.

Pure rules: they get records, a reading of the message and `now`, and give lines to say and effects to carry out.
"""
