"""The files of an archive and of its output, on whatever file system Spark reads: what is there, and what is done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from heyue.archive.answering import FILE
from heyue.errors import BadInput

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

BATCH = "batch="
FINISHED = "_SUCCESS"  # Spark's mark of a folder that is written whole
PARQUET = ".parquet"
_GLOB_SIGN = re.compile(r"([\\*?\[\]{}])")


class ArchiveFile(NamedTuple):
    """One file. `name`: as Spark calls it beside the rows it reads from it."""

    path: str
    name: str
    size: int


def files_of(spark: SparkSession, source: str) -> list[ArchiveFile]:
    """The files in a folder and all below it, or that match a pattern, by name; those of no length are left out.

    Raises:
        BadInput: there are none.
    """
    from pyspark.errors import AnalysisException

    listing = spark.read.format("binaryFile").option("recursiveFileLookup", True)
    try:
        rows = listing.load(source).select("path", "_metadata.file_path", "length").collect()
    except AnalysisException as error:
        raise BadInput(f"--from {source}: {str(error).splitlines()[0]}") from error
    if not rows:
        raise BadInput(f"--from {source}: no files lie there")
    return sorted(ArchiveFile(*row) for row in rows if row["length"])


def are_parquet(files: Sequence[ArchiveFile]) -> bool:
    """Whether files are Parquet (*.parquet); else they are JSON Lines, packed or not.

    Raises:
        BadInput: there are both.
    """
    parquet = [file for file in files if file.path.endswith(PARQUET)]
    if parquet and len(parquet) < len(files):
        other = next(file for file in files if file not in parquet)
        raise BadInput(
            f"--from holds Parquet ({parquet[0].path}) and other files ({other.path}): read each kind by itself, "
            "into a folder of its own"
        )
    return bool(parquet)


def literal(path: str) -> str:
    """A path for Spark's readers, which else take [ and * for patterns."""
    return _GLOB_SIGN.sub(r"\\\1", path)


def batches_of(files: Sequence[ArchiveFile], most_bytes: int) -> Iterator[list[ArchiveFile]]:
    """The files in their order, so many at a time that they have about `most_bytes`."""
    batch: list[ArchiveFile] = []
    for file in files:
        batch.append(file)
        if sum(each.size for each in batch) >= most_bytes:
            yield batch
            batch = []
    if batch:
        yield batch


@dataclass
class Output:
    """The folder of the answers: one folder a batch, `batch=00001` and so on."""

    spark: SparkSession
    folder: str

    def __post_init__(self) -> None:
        self._hadoop: Any = self.spark._jvm.org.apache.hadoop.fs  # type: ignore[union-attr]
        self._root = self._hadoop.Path(self.folder)
        self._system = self._root.getFileSystem(self.spark._jsc.hadoopConfiguration())

    def lies_in(self, source: str) -> bool:
        """Whether the folder is `source` or below it."""
        outer, inner = (
            self._system.makeQualified(self._hadoop.Path(each)).toString() for each in (source, self.folder)
        )
        return f"{inner}/".startswith(f"{outer.rstrip('/')}/")

    def numbers(self, finished: bool = True) -> list[int]:
        """The numbers of the batches that are (or are not) written whole."""
        if not self._system.exists(self._root):
            return []
        names = [status.getPath().getName() for status in self._system.listStatus(self._root)]
        found = sorted(int(name.removeprefix(BATCH)) for name in names if name.startswith(BATCH))
        return [each for each in found if self._is_finished(each) is finished]

    def _is_finished(self, number: int) -> bool:
        return bool(self._system.exists(self._hadoop.Path(self.path(number), FINISHED)))

    def path(self, number: int) -> str:
        return f"{self.folder}/{BATCH}{number:05}"

    def drop_unfinished(self) -> None:
        """Delete what a run that was cut off left half written."""
        for number in self.numbers(finished=False):
            self._system.delete(self._hadoop.Path(self.path(number)), True)

    def require_columns(self, names: Sequence[str]) -> None:
        """Refuse a folder that holds answers of another kind.

        Raises:
            BadInput: its columns are others.
        """
        for number in self.numbers()[-1:]:
            held = self.spark.read.parquet(literal(self.path(number))).columns
            if list(held) != list(names):
                raise BadInput(
                    f"--to {self.folder} holds answers of another command or other options "
                    f"({', '.join(held)}): name another folder"
                )

    def files_done(self) -> set[str]:
        """The names of the files whose lines are all answered."""
        paths = [literal(self.path(number)) for number in self.numbers()]
        if not paths:
            return set()
        return {row[FILE] for row in self.spark.read.parquet(*paths).select(FILE).distinct().collect()}

    def counts(self) -> tuple[int, int]:
        """How many answers there are, and how many of them are refusals."""
        paths = [literal(self.path(number)) for number in self.numbers()]
        if not paths:
            return 0, 0
        row = self.spark.read.parquet(*paths).selectExpr("count(*)", "count(error)").collect()[0]
        return row[0], row[1]
