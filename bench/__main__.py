"""`python -m bench [NAME …]`: run the named measurements, or all of them."""

import importlib
import platform
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    """Run each measurement in turn; 64 when a name is not one of them."""
    known = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    wrong = [name for name in names if name not in known]
    if wrong:
        print(f"{', '.join(wrong)}: no such measurement; accepted are {', '.join(known)}", file=sys.stderr)
        return 64
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}")
    for name in names or known:
        importlib.import_module(f"bench.{name}").main()
    return 0


sys.exit(main(sys.argv[1:]))
