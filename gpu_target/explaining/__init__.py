"""Why a record took its lane: which rules matched, which did not and what they saw, and how near they were.

Rules are read by the interpreter; the thresholds at which answers change are the cuts of the value classes.
"""
