"""The commands of docker-compose.yml as processes of this machine, in the order and with the health checks of the file.

What containers have and processes have not is put in their place, and nothing else: each name and port of a service
becomes a free port of 127.0.0.1, /run/secrets, /run/coach, /settings and /tmp a folder, /app the checkout. PostgreSQL, Redis and nginx are those
of Debian.
"""

from __future__ import annotations

import base64
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from heyue.launch.part import Part, RunningPart
from tests.bot_process import steady_port
from tests.conftest import program

ROOT = Path(__file__).parents[1]
FILE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
SERVICES = {name: service for name, service in FILE.items() if "profiles" not in service}  # what `up` starts
FIGURES = 9100
PORTS = {"nginx": (8080, 8081), "rasa": (5005,), "actions": (5055, FIGURES), "coach": (8501, FIGURES), "reader": (FIGURES,),
         "worker": (FIGURES,), "postgres": (5432,), "redis": (6379,)}  # fmt: skip
BEHIND_THE_DOOR = (("rasa", 5005), ("coach", 8501))
START_SECONDS, STOP_SECONDS = 120.0, 60.0  # the latter as stop_grace_period
POSTGRES_USER = "postgres"  # the account that Debian's package makes, as does the image
ENDS = "service_completed_successfully"


def image_environment() -> dict[str, str]:
    """The variables that the Dockerfile sets."""
    block = re.search(r"^ENV ((?:.+\\\n)*.+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert block
    return dict(re.findall(r"(\w+)=(\S+)", block[1]))


def door_file(folder: Path, behind: dict[str, list[int]], doors: dict[int, int]) -> Path:
    """nginx.conf with our ports: one line for each replica, as the look-up of its name would give."""
    text = (ROOT / "nginx.conf").read_text(encoding="utf-8")
    for name, port in BEHIND_THE_DOOR:
        line = re.search(rf"server {name}:{port}( [^;]*)?;", text)
        assert line
        text = text.replace(line[0], "".join(f"server 127.0.0.1:{each}{line[1] or ''};" for each in behind[name]))
    for port, own in doors.items():
        assert f"listen {port};" in text
        text = text.replace(f"listen {port};", f"listen 127.0.0.1:{own};")
    file = folder / "nginx.conf"
    file.write_text(text.replace("/tmp/", f"{folder}/"), encoding="utf-8")
    return file


@dataclass
class Instance:
    """One container's worth: a service, or one replica of it, with its ports and its own /tmp."""

    service: str
    number: int
    folder: Path
    ports: dict[int, int]
    starts: int = 0
    running: RunningPart | None = None

    @property
    def name(self) -> str:
        return f"{self.service}-{self.number}"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.starts}.log"


@dataclass
class Stack:
    """All of it. Use as a context; `replicas` goes before the number in the file."""

    folder: Path
    replicas: dict[str, int] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)  # variables that an operator would write into channels.env

    def __enter__(self) -> Stack:
        self.folder.chmod(0o755)
        self._write_secrets()
        self.instances = [self._instance(name, number) for name in SERVICES for number in range(self._count(name))]
        try:
            self.bring_up()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def of(self, service: str) -> list[Instance]:
        return [each for each in self.instances if each.service == service]

    def url(self, service: str, port: int, number: int = 0) -> str:
        return f"http://127.0.0.1:{self.of(service)[number].ports[port]}"

    def database_url(self) -> str:
        return self._mapped(SERVICES["migrate"]["environment"]["HEYUE_DATABASE_URL"], self.of("migrate")[0])

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text(encoding="utf-8").strip()

    # what stands for the containers' surroundings

    def _write_secrets(self) -> None:
        (self.folder / "secrets").mkdir()
        (self.folder / "secrets/data_key").write_bytes(base64.b64encode(secrets.token_bytes(32)) + b"\n")
        for name in ("actions_token", "metrics_token"):
            (self.folder / "secrets" / name).write_text(f"{secrets.token_hex(24)}\n", encoding="utf-8")
        (self.folder / "secrets/postgres_password").write_text(f"{secrets.token_hex(8)}/@:%\n", encoding="utf-8")

    def _count(self, service: str) -> int:
        return self.replicas.get(service, SERVICES[service].get("deploy", {}).get("replicas", 1))

    def _instance(self, service: str, number: int) -> Instance:
        folder = self.folder / f"{service}-{number}"
        folder.mkdir()
        return Instance(service, number, folder, {port: steady_port() for port in PORTS.get(service, ())})

    def port_for_others(self, service: str, port: int) -> int:
        """Where the other services reach one: its own port, unless something is put between."""
        return self.of(service)[0].ports[port]

    def _mapped(self, text: str, instance: Instance) -> str:
        """A value, word or file of the compose file as it is right on this machine."""
        for name, ports in PORTS.items():
            for port in ports:
                text = text.replace(f"{name}:{port}", f"127.0.0.1:{self.port_for_others(name, port)}")
        for port, own in instance.ports.items():
            text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{own}")
            text = str(own) if text == str(port) else text
        text = re.sub("^/(tmp|backups)", str(instance.folder), text).replace("$$", "$")
        text = re.sub("^/(run/)?(secrets|settings|coach)/", rf"{self.folder}/\2/", text)
        return {"0.0.0.0": "127.0.0.1", "redis": "127.0.0.1", "python": sys.executable}.get(text, text)

    def environment(self, instance: Instance) -> dict[str, str]:
        """Nothing of ours: what the image sets, what the compose file sets, and the way to Debian's programs."""
        service = FILE[instance.service]
        found = image_environment() if "build" in service else {}
        found |= service.get("environment", {}) | (self.extra if "env_file" in service else {})
        if "HEYUE_REDIS_PORT" in found:
            found["HEYUE_REDIS_PORT"] = str(self.port_for_others("redis", 6379))
        found = {name: self._mapped(value, instance) for name, value in found.items()}
        places = [str(Path(sys.executable).parent), str(Path(program("postgres") or "/").parent), "/usr/sbin", "/usr/bin", "/bin"]
        found |= {"PATH": os.pathsep.join(places), "TMPDIR": str(instance.folder)}
        return found | ({"PYTHONPATH": str(ROOT)} if "build" in service else {})

    def command(self, instance: Instance) -> tuple[str, ...]:
        """The command of the service, with the place and port that its image would give it."""
        words = [self._mapped(word, instance) for word in SERVICES[instance.service]["command"]]
        if instance.service == "redis":
            words += ["--port", str(instance.ports[6379]), "--bind", "127.0.0.1", "--dir", str(instance.folder)]
        elif instance.service == "postgres":
            self._initialize_database(instance)
            words += ["-D", str(instance.folder / "data"), "-k", str(instance.folder), "-h", "127.0.0.1"]
            words = [*self._account(), *words, "-p", str(instance.ports[5432])]
        elif instance.service == "nginx":
            words[words.index("/etc/nginx/nginx.conf")] = str(self._door(instance))
        return tuple(words)

    def health_check(self, instance: Instance) -> list[str] | None:
        """The service's health check as a command, None where it has none."""
        check = SERVICES[instance.service].get("healthcheck")
        if check is None:
            return None
        kind, *words = [self._mapped(word, instance) for word in check["test"]]
        if words[0] == "redis-cli":
            words[1:1] = ["-p", str(instance.ports[6379])]
        elif words[0] == "pg_isready":
            words += ["-p", str(instance.ports[5432])]
        return words if kind == "CMD" else ["sh", "-c", *words]

    def _account(self) -> list[str]:
        """PostgreSQL refuses to be root, so root lends it another account."""
        return ["runuser", "-u", POSTGRES_USER, "--"] if os.geteuid() == 0 else []

    def _initialize_database(self, instance: Instance) -> None:
        """What the image's entry point does on its first start."""
        data, settings = instance.folder / "data", SERVICES["postgres"]["environment"]
        if data.exists():
            return
        password = instance.folder / "password"
        shutil.copy(self.folder / "secrets/postgres_password", password)
        if self._account():
            for path in (instance.folder, password):
                shutil.chown(path, pwd.getpwnam(POSTGRES_USER).pw_uid)
        words = ["initdb", "-D", str(data), "-N", "--username", settings["POSTGRES_USER"], "--pwfile", str(password),
                 "--auth=scram-sha-256", *settings["POSTGRES_INITDB_ARGS"].split()]  # fmt: skip
        done = subprocess.run(
            [*self._account(), *words], cwd=instance.folder, env=self.environment(instance), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def create_database(self) -> None:
        """The rest of it, once the server answers."""
        settings = SERVICES["postgres"]["environment"]
        instance = self.of("postgres")[0]
        where = ["-h", "127.0.0.1", "-p", str(instance.ports[5432]), "-U", settings["POSTGRES_USER"], "--maintenance-db=postgres"]
        environment = self.environment(instance) | {"PGPASSWORD": self.secret("postgres_password")}
        subprocess.run(["createdb", *where, settings["POSTGRES_DB"]], env=environment, check=True, stderr=subprocess.PIPE)

    def _door(self, instance: Instance) -> Path:
        behind = {name: [each.ports[port] for each in self.of(name)] for name, port in BEHIND_THE_DOOR}
        return door_file(instance.folder, behind, instance.ports)

    # coming up and going down

    def run(self, service: str, *words: str) -> subprocess.CompletedProcess[str]:
        """What `docker compose run --rm SERVICE WORDS` does, for a service that `up` leaves alone."""
        folder = self.folder / service
        folder.mkdir(exist_ok=True)
        instance = Instance(service, 0, folder, {})
        return subprocess.run([self._mapped(word, instance) for word in words], cwd=ROOT, env=self.environment(instance),
                              capture_output=True, text=True, check=False)  # fmt: skip

    def bring_up(self) -> None:
        """Start each service once what it depends on is healthy, or has ended well, as Compose does."""
        waiting, done, until = set(SERVICES), set[str](), time.monotonic() + START_SECONDS
        while len(done) < len(SERVICES):
            for name in sorted(waiting):
                if set(SERVICES[name].get("depends_on", {})) <= done:
                    waiting.remove(name)
                    for instance in self.of(name):
                        self.start(instance)
            done |= {name for name in set(SERVICES) - waiting - done if all(map(self.is_ready, self.of(name)))}
            if time.monotonic() > until:
                raise RuntimeError(f"not healthy within {START_SECONDS} s: {set(SERVICES) - done}")
            time.sleep(0.05)

    def start(self, instance: Instance) -> None:
        """Start one process (again)."""
        instance.starts += 1
        part = Part(instance.name, self.command(instance))
        instance.running = RunningPart(part, ROOT if "build" in SERVICES[instance.service] else instance.folder,
                                       self.environment(instance), instance.log)  # fmt: skip

    def is_ready(self, instance: Instance) -> bool:
        """Whether others may start: the health check passes, or a one-shot service has ended well.

        Raises:
            PartFailed: it has ended otherwise.
        """
        assert instance.running
        check = self.health_check(instance)
        if check is None:
            if instance.running.process.poll() != 0:
                if instance.running.process.poll() is not None:
                    instance.running.refuse_end()
                return False
            return True
        instance.running.refuse_end()
        if not self.is_healthy(instance):
            return False
        if instance.service == "postgres" and not (instance.folder / "created").exists():
            self.create_database()
            (instance.folder / "created").touch()
        return True

    def is_healthy(self, instance: Instance) -> bool:
        """Run the health check of the compose file."""
        check = self.health_check(instance)
        assert check
        return subprocess.run(check, env=self.environment(instance), capture_output=True, check=False).returncode == 0

    def wait_for(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + START_SECONDS
        while not condition():
            assert time.monotonic() < until
            time.sleep(0.05)

    def end(self, instance: Instance, number: int = signal.SIGTERM) -> None:
        """End one process, as `docker stop` does or, with SIGKILL, as a crash."""
        if instance.running:
            instance.running.signal_group(number)
            try:
                instance.running.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                instance.running.signal_group(signal.SIGKILL)
                instance.running.process.wait()

    def stop(self) -> None:
        for instance in self.instances:
            if instance.running and instance.service != "postgres":
                instance.running.signal_group(signal.SIGTERM)
        for instance in sorted(self.instances, key=lambda each: each.service == "postgres"):
            self.end(instance)
