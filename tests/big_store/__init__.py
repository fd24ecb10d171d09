"""Stores of any size full of invented people, for what must hold and be measured at size."""
