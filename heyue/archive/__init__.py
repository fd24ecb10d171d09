"""Whole archives read by Spark: files of texts in, Parquet out, answered by the same functions as single lines.

Each batch of files is one folder of the output, finished or not there: a run that was cut off goes on where it stopped.
"""
