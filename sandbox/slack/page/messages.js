// Draws messages: who, when, what, files, and the way into the thread.

import { drawBlocks } from "./blocks.js";
import { el } from "./dom.js";
import { fileCard } from "./files.js";
import { mrkdwn } from "./text.js";

/** Draw one message; `replies` is how many there are below it, `openThread` shows them. */
export function drawMessage(context, message, { replies = 0, openThread = null } = {}) {
  const isApp = message.user === context.app.user;
  const author = authorOf(context, message);
  const own = { ...context, where: { channel: message.channel, ts: message.ts }, values: message.values };
  return el(
    "article",
    { class: message.only_you ? "message only-you" : "message", "aria-label": `${author.name}, ${clock(message.ts)}` },
    message.only_you ? el("p", { class: "only-you-line" }, "Only visible to you") : null,
    el("span", { class: `avatar ${author.kind}`, "aria-hidden": "true" }, author.name.slice(0, 1).toUpperCase()),
    el(
      "div",
      { class: "message-main" },
      el(
        "div",
        { class: "message-head" },
        el("strong", {}, author.name),
        isApp ? el("span", { class: "badge" }, "APP") : null,
        el("time", { class: "faint", datetime: moment(message.ts).toISOString(), title: moment(message.ts).toLocaleString() }, clock(message.ts)),
      ),
      message.blocks.length
        ? el("div", { class: "blocks" }, drawBlocks(own, message.blocks))
        : el("div", { class: "b-text" }, mrkdwn(message.text, context.names)),
      message.edited ? el("small", { class: "faint" }, "(edited)") : null,
      message.attachments.map((one) =>
        el("div", { class: "attachment" }, one.text ? mrkdwn(one.text, context.names) : (one.fallback ?? ""), one.blocks ? drawBlocks(own, one.blocks) : null),
      ),
      message.files.map(fileCard),
      openThread && replies
        ? el("button", { type: "button", class: "replies", onclick: openThread }, replies === 1 ? "1 reply" : `${replies} replies`)
        : null,
    ),
    openThread && !message.only_you && !replies
      ? el("button", { type: "button", class: "reply-button", onclick: openThread, "aria-label": "Reply in thread" }, "Reply")
      : null,
  );
}

/** Draw what Slack itself tells one person, such as a command that failed. */
export function drawNotice(words) {
  return el(
    "article",
    { class: "message only-you notice" },
    el("p", { class: "only-you-line" }, "Only visible to you"),
    el("span", { class: "avatar slackbot", "aria-hidden": "true" }, "S"),
    el("div", { class: "message-main" }, el("div", { class: "message-head" }, el("strong", {}, "Slackbot")), el("div", { class: "b-text" }, words)),
  );
}

function authorOf(context, message) {
  if (message.user === context.app.user) return { name: context.app.name, kind: "app" };
  return { name: context.names[message.user] ?? message.user, kind: `u${context.order[message.user] ?? 0}` };
}

/** Return the moment of a message's ts. */
export function moment(ts) {
  return new Date(Number(ts) * 1000);
}

function clock(ts) {
  return moment(ts).toLocaleTimeString("en", { hour: "numeric", minute: "2-digit" });
}

/** Return the day of a message as its separator shows it. */
export function dayOf(ts) {
  const today = new Date().toDateString();
  const day = moment(ts);
  return day.toDateString() === today ? "Today" : day.toLocaleDateString("en", { weekday: "long", month: "long", day: "numeric" });
}
