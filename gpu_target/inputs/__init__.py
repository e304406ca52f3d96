"""Data from files: Parquet, Arrow and CSV, through a map where it is foreign, with the types that are declared."""

from gpu_target.inputs.data import Data, open_data
from gpu_target.inputs.maps import Map, load_map, map_schema
from gpu_target.inputs.splits import Split, split

__all__ = ["Data", "Map", "Split", "load_map", "map_schema", "open_data", "split"]
