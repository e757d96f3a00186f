"""`python -m deploy.local COMMAND`; `./flsdb` calls it in the right environment."""

import sys

from deploy.local.cli import main

sys.exit(main())
