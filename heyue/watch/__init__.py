"""What operators see of a running process: figures for Prometheus, log lines, and the id that ties lines together."""
