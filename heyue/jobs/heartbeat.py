"""The sign of life of a process that serves nobody: a file whose age tells whether its loop still turns."""

from __future__ import annotations

from pathlib import Path


class Heartbeat:
    """NAME.alive in the data folder. Health checks look at the time of its last change (docker-compose.yml)."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / f"{name}.alive"

    def beat(self) -> None:
        """Show that the loop has come round once more."""
        self.file.touch()
