"""Start the whole product on one machine, watch it, and stop all of it."""
