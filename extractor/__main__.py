"""``python -m extractor``: the same as the command."""

from extractor.cli.main import main

main()
