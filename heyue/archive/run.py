"""Answer a whole archive, batch by batch, and go on where a run before was cut off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog

from heyue.archive.answering import FILE, LINE, AnswerEach, answered_frames, columns_with
from heyue.archive.files import ArchiveFile, Output, are_parquet, batches_of, files_of, literal
from heyue.archive.session import TASK_BYTES, reason_of_failure
from heyue.errors import BadInput, EngineUnavailable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

logger = structlog.get_logger(__name__)
TASKS_A_CORE = 8  # of one batch: what is lost when a run is cut off, against cores that idle at its end
TEXT_PER_PACKED_BYTE = 4  # about what Parquet and gzip make of Chinese JSON
GAVE_UP = "Spark gave up: {reason}. Batches that were finished stay in {target}; the same command goes on behind them"
TEXT_FILES = (".jsonl", ".json", ".ndjson", ".txt")


@dataclass(frozen=True)
class Archive:
    """What is to be read.

    `source`: a file, a folder, or a pattern; `target`: the folder of the answers; both of any file system that Spark
    knows. `columns`: those of the answers, as Spark writes a schema. `answer`: must be importable by an executor.
    """

    source: str
    target: str
    columns: str
    answer: AnswerEach


@dataclass(frozen=True)
class Answered:
    """What lies in the output at the end: answers, and how many of them refuse a line."""

    count: int
    refused: int


def answer_archive(spark: SparkSession, archive: Archive) -> Answered:
    """Answer all files of the archive that are not yet answered.

    Raises:
        BadInput: the archive or the output's folder cannot be taken.
        EngineUnavailable: Spark gave up; what was finished stays.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        return _answer_all(spark, archive)
    except (PySparkException, Py4JError) as error:
        raise EngineUnavailable(
            GAVE_UP.format(reason=reason_of_failure(error), target=archive.target)
        ) from error


def _answer_all(spark: SparkSession, archive: Archive) -> Answered:
    output = Output(spark, archive.target)
    if output.lies_in(archive.source):
        raise BadInput(
            f"--to {archive.target} lies in the archive --from {archive.source}: name a folder beside it"
        )
    files = files_of(spark, archive.source)
    schema = spark.createDataFrame([], columns_with(archive.columns)).schema
    output.require_columns(schema.names)
    output.drop_unfinished()
    done = output.files_done()
    left = [file for file in files if file.name not in done]
    cores = spark.sparkContext.defaultParallelism
    numbers = iter(range(max(output.numbers(), default=0) + 1, len(left) + len(done) + 2))
    for batch in batches_of(left, cores * TASKS_A_CORE * TASK_BYTES):
        logger.info("archive.batch_begins", first=batch[0].path, last=batch[-1].path, files=len(batch))
        lines = _lines_of(spark, batch, cores)
        answers = lines.mapInPandas(
            partial(answered_frames, answer=archive.answer, names=schema.names), schema
        )
        answers.write.parquet(output.path(next(numbers)))
        done.update(file.name for file in batch)
        logger.info("archive.batch_answered", files_done=len(done), files=len(files))
    return Answered(*output.counts())


def _lines_of(spark: SparkSession, files: Sequence[ArchiveFile], cores: int) -> DataFrame:
    """The lines of files, a Parquet row as the JSON of its fields, in parts that keep all cores busy."""
    paths = [literal(file.path) for file in files]
    if are_parquet(files):
        rows = spark.read.option("mergeSchema", True).parquet(*paths)
        found = rows.selectExpr(
            f"_metadata.file_path AS {FILE}", f"CAST(to_json(struct(*)) AS BINARY) AS {LINE}"
        )
    else:
        rows = spark.read.text(paths, lineSep="\n")
        found = rows.selectExpr(f"_metadata.file_path AS {FILE}", f"CAST(value AS BINARY) AS {LINE}")
    if all(file.path.endswith(TEXT_FILES) for file in files):
        return found
    # Spark can cut neither a packed file nor a row group
    size = sum(file.size for file in files) * TEXT_PER_PACKED_BYTE
    return found.repartition(max(cores, math.ceil(size / TASK_BYTES)))
