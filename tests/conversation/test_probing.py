"""Mail servers that are not asked, or block the bot: nobody is Invalid, and the team is told."""

import pytest

from sandbox.mail import Behaviour
from sandbox.mail.addresses import Address
from sandbox.people import FORMS, TAGS, People, Person
from tests.conversation.conftest import Open
from tests.conversation.scene import SMALL, figures
from verification import Category

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Fewer than stop a run.
BLOCKERS = ("closedgate.org", "lockedpost.net")


def readers_behind_blocks(like: Person) -> People:
    addresses = [f"reader{n}@{BLOCKERS[n % len(BLOCKERS)]}" for n in range(12)]
    return People(
        tuple(
            Person(
                id=like.id + 1 + n,
                first_name=None,
                address=address,
                state=like.state,
                created_at=like.created_at,
                tags=(),
                forms=(),
                truth=Address(address, Category.UNKNOWN, Category.UNKNOWN),
            )
            for n, address in enumerate(addresses)
        ),
        TAGS,
        FORMS,
    )


async def test_who_is_behind_a_block_is_unknown_and_the_summary_says_why(open_own: Open) -> None:
    scene = await open_own()
    for name in BLOCKERS:
        scene.world.mail.add_domain(name, Behaviour.BLOCKS_AT_MAIL)
    people = readers_behind_blocks(scene.world.people.active[0])
    summary = await scene.finished_run(scene.new_account(people=people))
    text = scene.slack.as_text(summary)
    assert figures(text)["Unknown"] == len(people.persons)
    assert "12 addresses are Unknown because their mail servers block" in text


async def test_without_a_sender_no_mail_server_is_asked_and_the_summary_says_so(
    open_own: Open,
) -> None:
    scene = await open_own(SMTP_HELO="", SMTP_MAIL_FROM="")
    summary = await scene.finished_run()
    text = scene.slack.as_text(summary)
    assert "does not ask mail servers" in text
    assert figures(text)["Disposable"] == SMALL[Category.DISPOSABLE]
    assert not scene.world.mail.journal.recipients()
