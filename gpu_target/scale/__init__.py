"""More rows than one process should do: partial results of parts of the data, and how they become one result.

``partial`` evaluates the rows that one worker has; partial results merge in any order; ``finish`` makes the result.
``evaluate_dask`` does it on a Dask cluster, ``map_in_arrow`` and ``collect`` on Spark.
"""

from gpu_target.scale.on_dask import evaluate_dask
from gpu_target.scale.on_spark import SPARK_SCHEMA, map_in_arrow
from gpu_target.scale.partials import About, Partial, collect, partial
from gpu_target.scale.records import PARTIALS

__all__ = ["PARTIALS", "SPARK_SCHEMA", "About", "Partial", "collect", "evaluate_dask", "map_in_arrow", "partial"]
