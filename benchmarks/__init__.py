"""Figures for docs/performance.md, run by hand: `make bench` or `python -m benchmarks.pages`.

Every figure is a ratio to a baseline measured in the same run, so that it travels between machines.
"""
