"""`python -m vocation.cli`."""

import sys

from vocation.cli import main

sys.exit(main())
