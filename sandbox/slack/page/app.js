// The page: keeps what one person sees up to date and sends what they do to the sandbox.

import { drawBlocks } from "./blocks.js";
import { composer } from "./composer.js";
import { askConfirm, showDialog } from "./dialog.js";
import { el, keepFocus, reconcile } from "./dom.js";
import { dayOf, drawMessage, drawNotice } from "./messages.js";

const $ = (id) => document.getElementById(id);
const start = new URLSearchParams(location.hash.slice(1));
const page = {
  me: start.get("user") ?? "", place: start.get("place") ?? "", thread: start.get("thread") ?? "",
  state: null, salt: 0, notices: {}, seen: {},
};
const turns = new Map();

/**
 * Do a deed; rejects with the words the person reads.
 * What is done in one dialog or message is done one after the other; searching never waits.
 */
function deed(name, wish) {
  const user = page.me;
  const place = name === "suggest" ? Symbol(name) : (wish.view ?? wish.ts ?? wish.channel);
  const turn = (turns.get(place) ?? Promise.resolve()).then(async () => {
    const response = await fetch("/sandbox/do", {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ deed: name, user, ...wish }),
    });
    const answer = await response.json();
    await refresh();
    if (!response.ok) throw new Error(answer.words);
    return answer;
  });
  const settled = turn.catch(() => {}).then(() => turns.get(place) === settled && turns.delete(place));
  turns.set(place, settled);
  return turn;
}

async function refresh() {
  const wanted = page.me;
  const response = await fetch(`/sandbox/state?user=${encodeURIComponent(wanted)}`);
  if (response.status === 404 && wanted) {
    page.me = "";
    return refresh();
  }
  const state = await response.json();
  if (wanted !== page.me || (page.state?.me === state.me && page.state.revision > state.revision)) return;
  page.state = state;
  page.me = state.me;
  draw();
}

function complain(problem) {
  const place = page.place;
  (page.notices[`${page.me} ${place}`] ??= []).push(problem.message);
  draw();
}

function context() {
  const { state } = page;
  const names = Object.fromEntries([...state.users.map((one) => [one.id, one.handle]), ...state.channels.map((one) => [one.id, one.name])]);
  names[state.app.user] = state.app.handle;
  return {
    names, app: state.app, deed, complain, order: Object.fromEntries(state.users.map((one, number) => [one.id, number])),
    confirm: (confirm) => askConfirm(confirm, names),
    redraw: () => {
      page.salt += 1;
      draw();
    },
    people: () => state.users.map((one) => ({ value: one.id, label: `@${one.handle}`, note: one.name })),
    conversations: (filter) => state.channels.filter((one) => isWanted(one, filter)).map((one) => ({ value: one.id, label: title(one) })),
  };
}

function isWanted(channel, filter) {
  if (channel.is_archived || (channel.is_im && filter?.exclude_bot_users)) return false;
  const include = filter?.include;
  const kind = channel.is_im ? "im" : channel.is_private ? "private" : "public";
  return !include || include.includes(kind);
}

function title(channel) {
  if (channel.is_im) return page.state.app.name;
  return `${channel.is_private ? "" : "#"}${channel.name}`;
}

// -- drawing

function draw() {
  const { state } = page;
  const channels = state.channels.filter((one) => !one.is_im);
  const places = [...channels.map((one) => one.id), "app", state.dm];
  if (!places.includes(page.place)) page.place = channels[0]?.id ?? "app";
  const isHome = page.place === "app";
  page.seen[`${page.me} ${page.place}`] = lastTs(page.place);
  $("workspace").textContent = state.workspace;
  document.title = `${isHome ? state.app.name : title(channelOf(page.place))} · ${state.workspace}`;
  history.replaceState(null, "", `#${new URLSearchParams({ user: page.me, place: page.place, thread: page.thread })}`);
  drawSwitcher();
  drawSide(channels);
  drawPlace(isHome);
  $("messages").hidden = isHome;
  $("home").hidden = !isHome;
  $("composer").hidden = isHome;
  if (isHome) drawHome();
  else drawChannel();
  drawThread(isHome);
  showDialog(state.views, context(), page.salt);
}

function channelOf(id) {
  return page.state.channels.find((one) => one.id === id) ?? { id, name: "", is_im: true };
}

function lastTs(id) {
  return (page.state.messages[id] ?? []).at(-1)?.ts ?? "";
}

function drawSwitcher() {
  reconcile(
    $("switcher"),
    [{ label: true }, ...page.state.users.map((one) => ({ ...one, isMe: one.id === page.me }))],
    (one) => one.id ?? "label",
    (one) =>
      one.label
        ? el("span", { class: "switcher-label", "aria-hidden": "true" }, "You are")
        : el(
            "button",
            {
              type: "button", id: `me-${one.id}`, "aria-pressed": String(one.isMe), title: one.name,
              onclick: () => act(one.id),
            },
            `@${one.handle}`,
          ),
  );
}

function act(user) {
  page.me = user;
  page.thread = "";
  refresh();
}

function go(place) {
  page.place = place;
  page.thread = "";
  document.body.classList.remove("side-open");
  $("burger").setAttribute("aria-expanded", "false");
  draw();
  if (place === "app") deed("home", { tab: "home" }).catch(complain);
  else {
    if (place === page.state.dm) deed("home", { tab: "messages" }).catch(complain);
    $("composer-text")?.focus();
    toEnd();
  }
}

function drawSide(channels) {
  const { state } = page;
  const item = (id, words, more = "") => ({
    id, words, more, isHere: page.place === id || (id === "app" && page.place === state.dm),
    isNew: [id, id === "app" ? state.dm : id].some((one) => lastTs(one) > (page.seen[`${page.me} ${one}`] ?? "")),
  });
  const items = [
    { head: "Channels" },
    ...channels.map((one) => ({ ...item(one.id, title(one), one.is_archived ? "archived" : ""), isPrivate: one.is_private })),
    { head: "Apps" },
    { ...item(state.home_tab ? "app" : state.dm, state.app.name, state.is_connected ? "" : "not connected"), isApp: true, isOn: state.is_connected },
  ];
  reconcile(
    $("side"), items, (one) => one.id ?? one.head,
    (one) =>
      one.head
        ? el("h2", {}, one.head)
        : el(
            "button",
            { type: "button", class: `${one.isNew ? "new" : ""} ${one.isPrivate ? "private" : ""}`, "aria-current": one.isHere ? "page" : null, onclick: () => go(one.id) },
            el("span", {}, one.words),
            one.isApp ? el("span", { class: one.isOn ? "lamp on" : "lamp", role: "img", "aria-label": one.isOn ? "connected" : "not connected" }) : null,
            one.more ? el("small", {}, one.more) : null,
            one.isNew ? el("span", { class: "dot", role: "img", "aria-label": "unread" }) : null,
          ),
  );
}

function drawPlace(isHome) {
  const { state } = page;
  const isApp = isHome || page.place === state.dm;
  const channel = channelOf(page.place);
  const tab = (id, words) =>
    el("button", { type: "button", role: "tab", "aria-selected": String(page.place === id), onclick: () => go(id) }, words);
  const notes = [channel.topic, channel.has_app === false && !isApp ? `${state.app.name} is not in this channel` : ""].filter(Boolean);
  keepFocus(() =>
    $("place").replaceChildren(
      el("h1", { class: channel.is_private && !isApp ? "private" : "" }, isApp ? state.app.name : title(channel)),
      ...(isApp && state.home_tab ? [el("div", { class: "tabs", role: "tablist" }, tab("app", "Home"), tab(state.dm, "Messages"))] : []),
      ...(isApp ? [] : [el("span", { class: "faint" }, notes.join(" · "))]),
    ),
  );
}

function drawHome() {
  const { home, app } = page.state;
  const items = home ? [{ ...home, salt: page.salt }] : [{ id: "none" }];
  reconcile($("home"), items, (one) => one.id, (one) =>
    one.content
      ? el("div", { class: "blocks" }, drawBlocks({ ...context(), where: { view: one.id }, values: one.values, errors: one.errors }, one.content.blocks))
      : el("p", { class: "empty" }, `${app.name} has not drawn a home tab for you yet.`),
  );
}

function drawChannel() {
  const { state } = page;
  const channel = channelOf(page.place);
  const all = state.messages[page.place] ?? [];
  const scroll = $("scroll");
  const wasAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const items = [];
  for (const message of all.filter((one) => !one.thread_ts || one.is_broadcast || one.only_you)) {
    const day = dayOf(message.ts);
    if (items.at(-1)?.lastDay !== day) items.push({ key: `day ${day}`, day, lastDay: day });
    const replies = all.filter((one) => one.thread_ts === message.ts && !one.only_you).length;
    items.push({ key: message.ts, message, replies, lastDay: day, salt: page.salt });
  }
  (page.notices[`${page.me} ${page.place}`] ?? []).forEach((words, number) => items.push({ key: `notice ${number}`, words }));
  if (!items.length) items.push({ key: "empty", empty: true });
  const shared = context();
  const where = `${page.me} ${page.place}`;
  reconcile($("messages"), items, (one) => `${where} ${one.key}`, (one) => {
    if (one.day) return el("h3", { class: "day" }, el("span", {}, one.day));
    if (one.words) return drawNotice(one.words);
    if (one.empty) return el("p", { class: "empty" }, channel.is_im ? "No messages yet." : `This is the beginning of ${title(channel)}. Type / to see the commands.`);
    return drawMessage(shared, one.message, { replies: one.replies, openThread: () => openThread(one.message.ts) });
  });
  drawComposer(channel);
  if (wasAtEnd) toEnd();
}

function toEnd() {
  $("scroll").scrollTop = $("scroll").scrollHeight;
}

function drawComposer(channel) {
  const item = { id: page.place, me: page.me, isArchived: channel.is_archived };
  reconcile($("composer"), [item], (one) => `${one.me} ${one.id}`, () =>
    channel.is_archived
      ? el("p", { class: "empty" }, "This channel is archived.")
      : composer({
          placeholder: channel.is_im ? `Message ${page.state.app.name}` : `Message ${title(channel)}`,
          commands: page.state.commands,
          send: (text) => say(text, page.place).then(toEnd, complain),
        }),
  );
}

function say(text, channel, thread = null) {
  const [, command, rest] = /^(\/\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  if (command && !thread) return deed("slash", { command, text: rest, channel });
  return deed("say", { text: escaped(text), channel, thread });
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function openThread(ts) {
  page.thread = ts;
  draw();
  $("thread").querySelector("textarea, button")?.focus();
}

function drawThread(isHome) {
  const all = page.state.messages[page.place] ?? [];
  const parent = isHome ? null : all.find((one) => one.ts === page.thread);
  const aside = $("thread");
  aside.hidden = !parent;
  document.body.classList.toggle("thread-open", Boolean(parent));
  if (!parent) return aside.replaceChildren();
  if (aside.dataset.ts !== parent.ts || !aside.childElementCount) {
    aside.dataset.ts = parent.ts;
    aside.replaceChildren(
      el(
        "header",
        { class: "thread-head" },
        el("h2", {}, "Thread"),
        el("button", { type: "button", class: "cross", "aria-label": "Close thread", onclick: closeThread }, "✕"),
      ),
      el("div", { class: "thread-list" }),
      threadBox(parent),
    );
  }
  const shared = { ...context(), zone: "thread" };
  const items = [parent, ...all.filter((one) => one.thread_ts === parent.ts)].map((message) => ({ message, salt: page.salt }));
  reconcile(aside.querySelector(".thread-list"), items, (one) => one.message.ts, (one) => drawMessage(shared, one.message));
}

function threadBox(parent) {
  const box = el("textarea", {
    rows: 1, class: "field", placeholder: "Reply…", "aria-label": "Reply in thread", id: "thread-text",
    onkeydown: (event) => {
      if (event.key === "Escape") closeThread();
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      const text = box.value.trim();
      box.value = "";
      if (text) say(text, parent.channel, parent.ts).catch(complain);
    },
  });
  return el("div", { class: "thread-box" }, box);
}

function closeThread() {
  page.thread = "";
  draw();
  $("composer-text")?.focus();
}

// -- living

$("burger").addEventListener("click", () => {
  const isOpen = document.body.classList.toggle("side-open");
  $("burger").setAttribute("aria-expanded", String(isOpen));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && page.thread) closeThread();
});

const live = new EventSource("/sandbox/live");
let isStale = false;
live.addEventListener("message", async () => {
  $("lost").hidden = true;
  if (isStale) return;
  isStale = true;
  await new Promise((done) => setTimeout(done, 30));
  isStale = false;
  refresh().catch(() => ($("lost").hidden = false));
});
live.addEventListener("error", () => ($("lost").hidden = false));
await refresh();
toEnd();
$("composer-text")?.focus();
