"""Sphinx: Markdown pages (MyST) in the Furo theme; what a table in the code can say is generated from it first."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import generate  # noqa: E402  it stands beside this file

import gpu_target  # noqa: E402

generate.write_all(HERE / "reference" / "generated")

project = "gpu-target"
author = "The gpu-target authors"
copyright = "2026, the gpu-target authors"
release = gpu_target.__version__

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "reference/generated/operators.md"]  # the language page includes it
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True
suppress_warnings: list[str] = []

html_theme = "furo"
html_title = f"gpu-target {release}"
html_show_sourcelink = False
html_copy_source = False
