"""Work that nobody waits for: campaigns planned, messages sent, promises looked up. One module a task, run by a worker."""
