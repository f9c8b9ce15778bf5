"""`python -m gongzhi.cli`: the same as the console script."""

import sys

from gongzhi.cli.main import main

sys.exit(main())
