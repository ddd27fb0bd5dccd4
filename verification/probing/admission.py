"""Lets a lane into a conversation: with an address that has room, when it is its turn."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from verification.probing.conversation import Conversation, Endpoint
from verification.probing.lane import Lane
from verification.probing.opening import (
    MOST_ADDRESSES,
    NO_ADDRESS,
    NotOpened,
    encrypt,
    endpoints,
    open_at,
)
from verification.probing.places import Place, Places
from verification.probing.prober import Prober
from verification.verdicts import Reason

#: The conversation with its place, why there is none, or None when nobody wants one any more.
Admitted = tuple[Conversation, Place] | NotOpened | None


class Admission:
    """Opens conversations host by host and address by address, keeping to every cap.

    Everybody takes first a slot of the organisation, then one of the address, then a place, so
    that nobody waits in a circle; and who waits for an address keeps no place from others.
    """

    def __init__(self, prober: Prober, places: Places) -> None:
        """Admit to the places of one round."""
        self._prober = prober
        self._places = places

    @asynccontextmanager
    async def conversation(self, lane: Lane, wanted: Callable[[], bool]) -> AsyncIterator[Admitted]:
        """Open a conversation with the first of the lane's hosts that lets us.

        Waiting takes time, so ``wanted`` is asked again when the turn has come.
        """
        failure, tried = NO_ADDRESS, 0
        async with lane.organisation.slots:
            async for endpoint in self._endpoints(lane):
                async with (
                    self._prober.addresses.place(
                        endpoint.address, lane.organisation.manners.connections
                    ),
                    self._places.place(lane.organisation.name) as place,
                    self._prober.conversations,
                ):
                    if not wanted():
                        yield None
                        return
                    shunned = self._prober.shunned(endpoint)
                    opened = shunned or await self._open(lane, endpoint)
                    if isinstance(opened, Conversation):
                        yield opened, place
                        return
                failure, tried = opened, tried + 1
                # Silence that others have waited for costs nothing, so that the next may be tried.
                free = shunned is not None and shunned.reason is Reason.TIMEOUT
                if (failure.is_final and not free) or tried == MOST_ADDRESSES:
                    break
        yield failure

    async def _endpoints(self, lane: Lane) -> AsyncIterator[Endpoint]:
        for host in lane.hosts:
            answer = await self._prober.resolver.addresses(host)
            for endpoint in endpoints(host, answer.records, self._prober.options):
                yield endpoint

    async def _open(self, lane: Lane, endpoint: Endpoint) -> Conversation | NotOpened:
        began = self._prober.clock()
        lane.opening += 1
        try:
            opened = await open_at(
                endpoint,
                options=self._prober.options,
                manners=lane.organisation.manners,
                provider=lane.organisation.provider,
            )
            if isinstance(opened, Conversation) and lane.needs_tls and opened.offers_tls:
                opened = await encrypt(opened, self._prober.options.helo_name)
        finally:
            lane.opening -= 1
        lane.note_opening(self._prober.clock() - began)
        if isinstance(opened, NotOpened):
            self._prober.shun(endpoint.address, opened)
        return opened
