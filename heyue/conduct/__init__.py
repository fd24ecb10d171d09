"""Conduct: what may be said to whom, and when: the disclosure guard, the line check, the contact gate."""
