"""Conduct: what may be said to whom. The contact gate and the line check join here later."""
