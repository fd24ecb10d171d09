"""`python -m heyue.cli`: the console command without its script."""

import sys

from heyue.cli import main

sys.exit(main())
