"""gpu-target rules schema: the JSON Schema of rule files, or of maps, for editors and other programs."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from gpu_target.cli.faults import command
from gpu_target.cli.options import AsJson, Quiet
from gpu_target.cli.screen import write_text


@command
def schema(
    of_map: Annotated[bool, typer.Option("--map", help="The schema of maps for foreign data instead.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Print the JSON Schema of rule files, so that an editor can complete and check them."""
    if of_map:
        from gpu_target.inputs import map_schema

        found = map_schema()
    else:
        from gpu_target.language.schema import json_schema

        found = json_schema()
    write_text(json.dumps(found, indent=2) + "\n")
