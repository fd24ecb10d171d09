"""The processes of docker-compose.yml with what can be done to them: links that are slow, a disk that is full, a clock that jumps."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.chaos.links import Links
from heyue.settings import with_password
from tests.bot_process import steady_port
from tests.compose_processes import POSTGRES_USER, Instance, Stack

BETWEEN = (("postgres", 5432), ("redis", 6379), ("actions", 5055))  # links that can be slow
ON_THE_CLOCK = ("rasa", "actions", "worker", "reader", "coach")  # parts whose clock can jump: all of ours
DISK_MEGABYTES = 768


@dataclass
class Clock:
    """The clock of our parts, which a library (libfaketime) shows them otherwise; None where it is not there.

    `ahead`: seconds by which their right time is ahead of the machine's.
    """

    library: Path | None
    file: Path
    ahead: float = 0.0

    def environment(self) -> dict[str, str]:
        if self.library is None:
            return {}
        if not self.file.exists():
            self.show(0)
        return {
            "LD_PRELOAD": str(self.library), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DISABLE_SHM": "1",
        }  # fmt: skip

    def show(self, seconds: float) -> None:
        """The right time, or one that is so much later."""
        draft = self.file.with_suffix(".new")
        draft.write_text(f"{self.ahead + seconds:+.1f}", encoding="ascii")
        draft.replace(self.file)


class FaultyStack(Stack):
    """The stack with links that can be slow, a disk of the database that can be full, and a clock that can jump."""

    links: Links
    clock: Clock
    has_own_disk = False

    def bring_up(self) -> None:
        self.relays = {name: steady_port() for name, _ in BETWEEN}
        for name, port in BETWEEN:
            self.links.relay(self.relays[name], partial(super().port_for_others, name, port))
        self._mount_disk()
        super().bring_up()

    def port_for_others(self, service: str, port: int) -> int:
        return self.relays[service] if (service, port) in BETWEEN else super().port_for_others(service, port)

    def environment(self, instance: Instance) -> dict[str, str]:
        found = super().environment(instance)
        return found | (self.clock.environment() if instance.service in ON_THE_CLOCK else {})

    def own_url(self) -> str:
        """The database past the slow links, for who judges."""
        url = self.database_url().replace(str(self.relays["postgres"]), str(self.of("postgres")[0].ports[5432]))
        return with_password(url, self.secret("postgres_password"))

    def _mount_disk(self) -> None:
        """Give the database a small disk of its own, in memory, where the machine lets us."""
        folder = self.of("postgres")[0].folder
        if os.geteuid() == 0:
            done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "heyue-chaos", folder], check=False)
            self.has_own_disk = done.returncode == 0
        if self.has_own_disk:
            shutil.chown(folder, pwd.getpwnam(POSTGRES_USER).pw_uid)

    def stop(self) -> None:
        super().stop()
        if self.has_own_disk:
            for log in self.of("postgres")[0].folder.glob("*.log"):  # what it said stays for who looks into a breach
                shutil.copy(log, self.folder / f"postgres-{log.name}")
            subprocess.run(["umount", "-l", self.of("postgres")[0].folder], check=False)
            self.has_own_disk = False
