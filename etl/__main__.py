"""python -m etl → the same as `etl`."""

from etl.cli.main import main

main()
