"""What helps a collector: which debtor type speaks, how tense the talk is, what situation it is in, what to say next."""
