"""The command line: one file per command, holding its arguments, the call into the library and the printed summary.

Nothing heavy is imported at the top of these files: ``--help`` answers at once.
"""
