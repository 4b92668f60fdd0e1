"""Start Goldenthread: put the folder that holds our packages on the path, then hand over."""

import sys
from pathlib import Path


def home() -> Path:
    """Installed, our packages lie in a folder of their own; in a checkout, beside this file."""
    here = Path(__file__).resolve().parent
    installed = here / "_goldenthread"
    return installed if installed.is_dir() else here


def main() -> None:
    """Run the command line."""
    sys.path.insert(0, str(home()))
    from api.cli import main as run

    run()


if __name__ == "__main__":
    main()
