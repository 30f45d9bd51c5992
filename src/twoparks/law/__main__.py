"""`python -m twoparks.law` is `twoparks law`."""

import sys

from .command import main

sys.exit(main(sys.argv[1:]))
