"""``python -m bot``: the command line of `bot.cli`, loaded without the garbage collector."""

import gc

# Nothing that is loaded becomes garbage, and looking for some takes a tenth of a start.
gc.disable()
from bot.cli import cli  # noqa: E402
from bot.stopping import not_joining_threads  # noqa: E402

gc.enable()
with not_joining_threads():
    cli()
