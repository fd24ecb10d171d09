"""The connection to Spark, with settings that suit the reading of texts, or a plain word about what is missing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from heyue.errors import EngineUnavailable

if TYPE_CHECKING:
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

APPLICATION = "heyue"
# A talk takes some milliseconds, so a task gets far fewer bytes than Spark's default: about a minute's work.
TASK_BYTES = 16 << 20
SETTINGS = {
    "spark.python.daemon.module": "heyue.archive.daemon",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1024",  # some 2 MB; a line may have 100,000 characters
    "spark.sql.files.maxPartitionBytes": str(TASK_BYTES),
    "spark.log.level": "FATAL",  # of this process: what stopped Spark we say ourselves, in a line
}
# On this machine alone nothing needs to listen beyond it.
LOCAL_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
NO_PYSPARK = (
    "--engine spark needs PySpark, which is not installed here. In the checkout: "
    ".venv/bin/uv pip install -c requirements-dev.lock pyspark"
)
NO_JAVA = (
    "--engine spark needs Java 17 (or 11), and there is none: {place}. Remedy: apt-get install openjdk-17-jre-headless, "
    "or set JAVA_HOME to where Java lies"
)
NOT_STARTED = "Spark did not start: {reason}. See whether --master and the options of spark-submit are right"


@contextmanager
def spark_session(master: str | None) -> Iterator[SparkSession]:
    """The session that is active, else a new one for the time of the block.

    Args:
        master: such as local[4] or spark://host:7077; None for what spark-submit gives, else all cores of this machine.

    Raises:
        EngineUnavailable: PySpark or Java is missing, or Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineUnavailable(NO_PYSPARK) from error
    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
        return
    started = _started(master)
    try:
        yield started
    finally:
        started.stop()


def _started(master: str | None) -> SparkSession:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    require_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        return SparkSession.builder.config(conf=_configuration(master)).getOrCreate()
    except (PySparkException, Py4JError, OSError) as error:
        raise EngineUnavailable(NOT_STARTED.format(reason=reason_of_failure(error))) from error


def _configuration(master: str | None) -> SparkConf:
    """Our settings, where spark-submit and spark-defaults.conf say nothing else."""
    from pyspark import SparkConf, SparkContext

    SparkContext._ensure_initialized()  # type: ignore[attr-defined]  # else SparkConf does not see what spark-submit says
    conf = SparkConf()
    if master is not None:
        conf.setMaster(master)
    conf.setIfMissing("spark.master", "local[*]").setIfMissing("spark.app.name", APPLICATION)
    conf.setIfMissing("spark.ui.showConsoleProgress", str(sys.stderr.isatty()).lower())
    is_local = (conf.get("spark.master") or "").startswith("local")
    for name, value in (SETTINGS | (LOCAL_SETTINGS if is_local else {})).items():
        conf.setIfMissing(name, value)
    return conf


def require_java() -> None:
    """Refuse to go on without Java, which PySpark would only say in a stack trace.

    Raises:
        EngineUnavailable: JAVA_HOME points nowhere, or PATH has no java.
    """
    home = os.environ.get("JAVA_HOME")
    if home and not (Path(home) / "bin/java").exists():
        raise EngineUnavailable(NO_JAVA.format(place=f"JAVA_HOME is {home}, where no bin/java lies"))
    if not home and shutil.which("java") is None:
        raise EngineUnavailable(NO_JAVA.format(place="JAVA_HOME is not set and no java is on PATH"))


def reason_of_failure(error: Exception) -> str:
    """The one line of Spark's pages of traces that says why."""
    lines = [line.strip() for line in str(error).split("JVM stacktrace")[0].splitlines()]
    told = [line for line in lines if line and not line.startswith(("at ", "Driver stacktrace"))]
    named = [line for line in told if line.startswith(("heyue.", "Caused by:"))]
    return (named or told or [type(error).__name__])[-1].removeprefix("Caused by:").strip(": ")
