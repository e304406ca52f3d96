"""Data from files: Parquet, Arrow and CSV, through a map where it is foreign, with the types that are declared."""

from gpu_target.inputs.data import Data, open_data
from gpu_target.inputs.maps import Map, load_map, map_schema

__all__ = ["Data", "Map", "load_map", "map_schema", "open_data"]
