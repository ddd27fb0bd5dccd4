"""placeholder"""


async def examine(settings, say):
    return True
