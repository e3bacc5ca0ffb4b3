"""`python -m vocation`, for when the command `vocation` is not on the path."""

import sys

from vocation.cli import main

sys.exit(main())
