"""Stand-ins for the providers: servers on this machine that speak their protocols, so that clients run unchanged."""
