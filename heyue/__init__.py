"""Heyue: courteous repayment reminders and a coach for collectors.

This package is the trade itself: it knows no dialogue framework and no screen.
"""

__version__ = "0.1.0"
