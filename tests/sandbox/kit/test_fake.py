"""Tests of what time, people and faults do to the make-believe ConvertKit."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from sandbox.kit import Delays, FakeKit, Fault, KitSettings, Route
from sandbox.people import People, State
from tests.sandbox.kit.conftest import Caller


async def _state(caller: Caller, identity: int) -> str:
    answer = await caller.v4("GET", f"subscribers/{identity}")
    return str(answer.json()["subscriber"]["state"])


async def _listed(caller: Caller) -> set[int]:
    return {row["id"] for row in await caller.all_v4("subscribers")}


class TestLaggingLists:
    """List pages trail behind writes; one subscriber by id does not."""

    @pytest.fixture
    def settings(self) -> KitSettings:
        return KitSettings(delays=Delays(effect=0, lists=30))

    async def test_an_unsubscribe_shows_by_id_at_once_and_in_lists_later(
        self, caller: Caller, people: People
    ) -> None:
        identity = people.active[0].id
        await caller.v4("POST", f"subscribers/{identity}/unsubscribe")
        assert await _state(caller, identity) == "cancelled"
        assert identity in await _listed(caller)
        caller.clock.move(29)
        assert identity in await _listed(caller)
        caller.clock.move(1)
        assert identity not in await _listed(caller)

    async def test_a_person_can_leave_between_the_list_and_the_call(
        self, caller: Caller, people: People
    ) -> None:
        identity = people.active[0].id
        caller.kit.unsubscribe_by_hand(identity)
        assert identity in await _listed(caller)
        assert await _state(caller, identity) == "cancelled"
        assert caller.kit.unsubscribes == []

    async def test_a_person_can_vanish_between_the_list_and_the_call(
        self, caller: Caller, people: People
    ) -> None:
        person = people.active[0]
        caller.kit.vanish(person.id)
        assert person.id in await _listed(caller)
        answer = await caller.v4("POST", f"subscribers/{person.id}/unsubscribe")
        assert (answer.status_code, answer.json()) == (404, {"errors": ["Not Found"]})
        assert (await caller.v3_unsubscribe(person.address)).status_code == 404
        assert caller.kit.find(person.id) is None

    async def test_a_person_can_change_the_address_between_the_list_and_the_call(
        self, caller: Caller, people: People
    ) -> None:
        person = people.active[0]
        caller.kit.change_address(person.id, "new.name@example.com")
        rows = await caller.all_v4("subscribers")
        assert person.address in {row["email_address"] for row in rows}
        about = (await caller.v4("GET", f"subscribers/{person.id}")).json()["subscriber"]
        assert about["email_address"] == "new.name@example.com"
        assert (await caller.v3_unsubscribe(person.address)).status_code == 404


class TestLateEffects:
    """A write that takes its time: "ConvertKit may take 5 to 10 minutes"."""

    @pytest.fixture
    def settings(self) -> KitSettings:
        return KitSettings(delays=Delays(effect=600, lists=30))

    async def test_an_unsubscribe_is_taken_now_and_true_later(
        self, caller: Caller, people: People
    ) -> None:
        person = people.active[0]
        answer = await caller.v3_unsubscribe(person.address)
        assert answer.json()["subscriber"]["state"] == "active"
        caller.clock.move(599)
        assert await _state(caller, person.id) == "active"
        caller.clock.move(1)
        assert await _state(caller, person.id) == "cancelled"
        assert person.id in await _listed(caller)
        caller.clock.move(30)
        assert person.id not in await _listed(caller)


async def test_an_ignored_unsubscribe_is_answered_and_never_happens(
    caller: Caller, people: People
) -> None:
    identity = people.active[0].id
    caller.kit.ignore_unsubscribes(identity)
    answer = await caller.v4("POST", f"subscribers/{identity}/unsubscribe")
    assert answer.status_code == 204
    caller.clock.move(3600)
    assert await _state(caller, identity) == "active"
    assert [call.subscriber for call in caller.kit.unsubscribes] == [identity]


async def test_nothing_can_happen_to_somebody_who_is_not_there(caller: Caller) -> None:
    with pytest.raises(LookupError, match="no subscriber 7"):
        caller.kit.vanish(7)


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        pytest.param(Fault.TOO_MANY, 429, None, id="429"),
        pytest.param(Fault.SERVER_ERROR, 502, "text/html; charset=utf-8", id="5xx"),
        pytest.param(Fault.HTML, 200, "text/html; charset=utf-8", id="html-with-200"),
        pytest.param(Fault.KEY_REVOKED, 401, "application/json; charset=utf-8", id="revoked"),
    ],
)
async def test_a_fault_hits_one_call_and_then_no_more(
    caller: Caller, fault: Fault, status: int, kind: str | None
) -> None:
    caller.kit.trouble(fault)
    hit = await caller.v4("GET", "account")
    assert (hit.status_code, hit.headers.get("content-type")) == (status, kind)
    assert (await caller.v4("GET", "account")).status_code == 200


async def test_a_storm_lasts_its_time(caller: Caller) -> None:
    caller.kit.trouble(Fault.TOO_MANY, seconds=60, retry_after="5")
    assert (await caller.v4("GET", "account")).headers["retry-after"] == "5"
    caller.clock.move(59)
    assert (await caller.v3("GET", "account")).status_code == 429
    caller.clock.move(1)
    assert (await caller.v4("GET", "account")).status_code == 200


async def test_a_trouble_can_be_cured(caller: Caller) -> None:
    trouble = caller.kit.trouble(Fault.SERVER_ERROR, times=None, status=503)
    assert (await caller.v4("GET", "account")).status_code == 503
    caller.kit.cure(trouble)
    assert (await caller.v4("GET", "account")).status_code == 200


async def test_a_trouble_can_be_for_one_kind_of_call_and_let_some_pass(
    caller: Caller, people: People
) -> None:
    caller.kit.trouble(Fault.SERVER_ERROR, route=Route.UNSUBSCRIBE, version="v4", skip=1)
    codes = [
        (await caller.v4("POST", f"subscribers/{person.id}/unsubscribe")).status_code
        for person in people.active[:3]
    ]
    assert codes == [204, 502, 204]
    assert len(caller.kit.unsubscribes) == 2


async def test_a_call_can_act_although_its_answer_is_lost(caller: Caller, people: People) -> None:
    identity = people.active[0].id
    caller.kit.trouble(Fault.RESET, acts=True)
    with pytest.raises(httpx.TransportError):
        await caller.v4("POST", f"subscribers/{identity}/unsubscribe")
    assert await _state(caller, identity) == "cancelled"


async def test_a_call_that_failed_before_it_acted_did_nothing(
    caller: Caller, people: People
) -> None:
    identity = people.active[0].id
    caller.kit.trouble(Fault.RESET)
    with pytest.raises(httpx.TransportError):
        await caller.v4("POST", f"subscribers/{identity}/unsubscribe")
    assert await _state(caller, identity) == "active"


async def test_a_time_out_never_answers_and_does_not_keep_the_server(caller: Caller) -> None:
    caller.kit.trouble(Fault.TIME_OUT)
    url, headers = f"{caller.kit.v4_url}/account", {"X-Kit-Api-Key": caller.account.keys.v4[0]}
    with pytest.raises(httpx.ReadTimeout):
        await caller.http.get(url, headers=headers, timeout=0.2)
    assert caller.kit.requests[-1].status is None


async def test_the_server_stops_although_somebody_still_waits(people: People) -> None:
    arrived = asyncio.Event()

    def now() -> datetime:
        arrived.set()
        return datetime(2026, 11, 20, tzinfo=UTC)

    async with httpx.AsyncClient(timeout=20) as client:
        async with FakeKit(now=now) as kit:
            account = kit.add_account("Paper Lantern", people)
            kit.trouble(Fault.TIME_OUT)
            headers = {"X-Kit-Api-Key": account.keys.v4[0]}
            waiting = asyncio.create_task(client.get(f"{kit.v4_url}/account", headers=headers))
            await arrived.wait()
        with pytest.raises(httpx.TransportError):
            await waiting


async def test_a_page_can_repeat_its_cursor(caller: Caller) -> None:
    first = (await caller.v4("GET", "subscribers", per_page=10)).json()["pagination"]
    caller.kit.trouble(Fault.REPEATED_CURSOR)
    after = first["end_cursor"]
    second = (await caller.v4("GET", "subscribers", per_page=10, after=after)).json()
    assert second["pagination"]["end_cursor"] == after
    assert second["pagination"]["has_next_page"] is True


async def test_a_repeated_cursor_waits_for_a_list(caller: Caller) -> None:
    caller.kit.trouble(Fault.REPEATED_CURSOR)
    assert (await caller.v4("GET", "account")).status_code == 200
    page = (await caller.v3("GET", "subscribers", page=2)).json()
    assert page["page"] == 1


async def test_the_journal_holds_no_secret_and_no_address(caller: Caller, people: People) -> None:
    await caller.v3("GET", "subscribers", page=2)
    await caller.v3_unsubscribe(people.active[0].address)
    await caller.v4("GET", f"subscribers/{people.active[0].id}")
    text = repr(caller.kit.requests) + repr(caller.kit.unsubscribes)
    keys = caller.account.keys
    for secret in (keys.v3_secret, keys.v3_key, *keys.v4, people.active[0].address):
        assert secret not in text
    assert [(r.route, r.status) for r in caller.kit.requests] == [
        (Route.SUBSCRIBERS, 200),
        (Route.UNSUBSCRIBE, 200),
        (Route.SUBSCRIBER, 200),
    ]
    assert caller.kit.requests[0].parameters == ("api_secret", "page")


async def test_unsubscribes_are_kept_in_order_with_the_state_that_they_found(
    caller: Caller, people: People
) -> None:
    first, second = people.active[4], people.active[2]
    cancelled = next(p for p in people.persons if p.state is State.CANCELLED)
    for person in (first, second, cancelled):
        await caller.v4("POST", f"subscribers/{person.id}/unsubscribe")
        caller.clock.move(1)
    calls = [(call.subscriber, call.was, call.version) for call in caller.kit.unsubscribes]
    assert calls == [
        (first.id, State.ACTIVE, "v4"),
        (second.id, State.ACTIVE, "v4"),
        (cancelled.id, State.CANCELLED, "v4"),
    ]


async def test_something_can_happen_just_before_a_call(caller: Caller, people: People) -> None:
    first, second = people.active[:2]
    caller.kit.before(Route.UNSUBSCRIBE, lambda: caller.kit.vanish(second.id), skip=1)
    codes = [
        (await caller.v4("POST", f"subscribers/{person.id}/unsubscribe")).status_code
        for person in (first, second)
    ]
    assert codes == [204, 404]


async def test_answers_can_take_their_time(people: People, http: httpx.AsyncClient) -> None:
    loop = asyncio.get_running_loop()
    async with FakeKit(KitSettings(latency=0.1)) as kit:
        began = loop.time()
        await http.get(f"{kit.v4_url}/account")
        assert loop.time() - began >= 0.1


async def test_a_call_carries_the_name_of_the_process_whose_address_it_went_to(
    caller: Caller, people: People
) -> None:
    person, served = people.active[0], list[str]()
    caller.kit.before(Route.UNSUBSCRIBE, lambda: served.append(caller.kit.served))
    await caller.http.post(
        f"{caller.kit.url('v4', by='worker-2')}/subscribers/{person.id}/unsubscribe",
        headers={"X-Kit-Api-Key": caller.account.keys.v4[0]},
    )
    assert served == ["worker-2"]
    assert [each.by for each in caller.kit.requests] == ["worker-2"]
    assert [each.by for each in caller.kit.unsubscribes] == ["worker-2"]
    assert caller.kit.requests[0].path == f"/v4/subscribers/{person.id}/unsubscribe"
