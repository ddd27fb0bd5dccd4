"""The verification engine as a command: ``python -m verification check`` and ``explain``."""

from verification.cli import app

if __name__ == "__main__":
    app(prog_name="python -m verification")
