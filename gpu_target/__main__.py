"""``python -m gpu_target`` is the command ``gpu-target``."""

from gpu_target.cli.main import main

main()
