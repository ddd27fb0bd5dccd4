// Draws Slack's message text (mrkdwn) as DOM nodes.
// https://docs.slack.dev/messaging/formatting-message-text

import { el } from "./dom.js";

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", no_entry: "⛔", tada: "🎉",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", broom: "🧹", mailbox: "📫", email: "✉️", envelope: "✉️",
  bar_chart: "📊", chart_with_upwards_trend: "📈", large_green_circle: "🟢", large_yellow_circle: "🟡",
  large_orange_circle: "🟠", red_circle: "🔴", large_blue_circle: "🔵", white_circle: "⚪", lock: "🔒",
  key: "🔑", bulb: "💡", information_source: "ℹ️", question: "❓", wave: "👋", eyes: "👀", calendar: "📅",
  spiral_calendar_pad: "🗓️", clock3: "🕒", mag: "🔍", page_facing_up: "📄", arrow_right: "➡️",
  rotating_light: "🚨", octagonal_sign: "🛑", wastebasket: "🗑️", pray: "🙏", rocket: "🚀", smile: "😄",
};

// Drawn with plain characters and colour, so that they look the same without an emoji font.
const GLYPHS = {
  "✅": ["✔", "good"], "✔️": ["✔", "good"], "❌": ["✖", "bad"], "⚠️": ["⚠", "warn"], "⛔": ["⊘", "bad"],
  "🛑": ["■", "bad"], "🟢": ["●", "good"], "🟡": ["●", "warn"], "🟠": ["●", "orange"], "🔴": ["●", "bad"],
  "🔵": ["●", "blue"], "⚪": ["○", ""], "⌛": ["◷", ""], "⏳": ["◷", ""], "ℹ️": ["ℹ", "blue"], "➡️": ["→", ""],
};
const SIGN = new RegExp(`:(?<emoji>[a-z0-9_+-]+):|(?<sign>${Object.keys(GLYPHS).join("|")})`, "g");

const TOKEN = new RegExp(
  [
    "```\\n?(?<pre>[\\s\\S]+?)\\n?```",
    "`(?<code>[^`\\n]+)`",
    "<(?<mark>[^<>\\n]+)>",
    "(?<![\\w*])\\*(?=\\S)(?<bold>[^*\\n]+?)(?<=\\S)\\*(?![\\w*])",
    "(?<![\\w_])_(?=\\S)(?<italic>[^_\\n]+?)(?<=\\S)_(?![\\w_])",
    "(?<![\\w~])~(?=\\S)(?<strike>[^~\\n]+?)(?<=\\S)~(?![\\w~])",
    SIGN.source,
    "(?<line>\\n)",
  ].join("|"),
  "g",
);

/** Turn Slack's three entities back into characters. */
export function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Draw a text object: mrkdwn with its marks, plain_text as it is. */
export function textNodes(object, names) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, names);
  return plainLines(unescaped(object.text));
}

/** Return a text object as one string, for labels and titles. */
export function textOf(object) {
  return object ? unescaped(object.text).replace(/:([a-z0-9_+-]+):/g, (all, name) => EMOJI[name] ?? all) : "";
}

function plainLines(text) {
  return text.split("\n").flatMap((line, number) => (number ? [el("br"), signs(line)] : [signs(line)]));
}

function signs(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(SIGN)) {
    nodes.push(text.slice(end, match.index), sign(match));
    end = match.index + match[0].length;
  }
  return [...nodes, text.slice(end)];
}

function sign(match) {
  const name = match.groups.emoji;
  const character = name === undefined ? match.groups.sign : EMOJI[name];
  if (!character) return match[0];
  const [glyph, kind] = GLYPHS[character] ?? [character, ""];
  const label = (name ?? character).replaceAll("_", " ");
  return el("span", { class: `emoji ${kind}`, role: "img", "aria-label": label, title: label }, glyph);
}

/** Draw mrkdwn; lines that begin with > become a quote. */
export function mrkdwn(text, names) {
  const nodes = [];
  for (const part of text.split(/(^&gt;.*(?:\n&gt;.*)*\n?)/m)) {
    if (!part) continue;
    if (part.startsWith("&gt;")) {
      const quoted = part.replace(/\n$/, "").replace(/^&gt; ?/gm, "");
      nodes.push(el("blockquote", {}, inline(quoted, names)));
    } else nodes.push(...inline(part, names));
  }
  return nodes;
}

function inline(text, names) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(unescaped(text.slice(end, match.index)));
    nodes.push(token(match, names));
    end = match.index + match[0].length;
  }
  nodes.push(unescaped(text.slice(end)));
  return nodes;
}

function token(match, names) {
  const found = match.groups;
  if (found.pre !== undefined) return el("pre", {}, unescaped(found.pre));
  if (found.code !== undefined) return el("code", {}, unescaped(found.code));
  if (found.mark !== undefined) return mark(found.mark, names);
  if (found.bold !== undefined) return el("strong", {}, inline(found.bold, names));
  if (found.italic !== undefined) return el("em", {}, inline(found.italic, names));
  if (found.strike !== undefined) return el("s", {}, inline(found.strike, names));
  if (found.line !== undefined) return el("br");
  return sign(match);
}

function mark(content, names) {
  const [target, ...rest] = content.split("|");
  const words = rest.length ? unescaped(rest.join("|")) : "";
  if (target.startsWith("@")) return mention("@", target.slice(1), words, names);
  if (target.startsWith("#")) return mention("#", target.slice(1), words, names);
  if (target.startsWith("!date^")) return date(target, words);
  if (target.startsWith("!")) return el("span", { class: "mention loud" }, `@${target.slice(1)}`);
  return link(unescaped(target), words || unescaped(target));
}

function mention(sign, id, words, names) {
  return el("span", { class: "mention" }, sign + (words || names[id] || id));
}

/** Draw a link that opens elsewhere; anything that is not a web or mail address stays text. */
export function link(address, words) {
  if (!/^(https?:\/\/|mailto:)/.test(address)) return words;
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, words);
}

function date(target, fallback) {
  const [, unix, pattern = "", address] = target.split("^");
  const moment = new Date(Number(unix) * 1000);
  if (Number.isNaN(moment.valueOf())) return fallback;
  const format = (options) => new Intl.DateTimeFormat("en", options).format(moment);
  const long = { year: "numeric", month: "long", day: "numeric" };
  const short = { year: "numeric", month: "short", day: "numeric" };
  const words = {
    date_num: moment.toISOString().slice(0, 10),
    date: format(long),
    date_short: format(short),
    date_long: format({ ...long, weekday: "long" }),
    date_pretty: near(moment) ?? format(long),
    date_short_pretty: near(moment) ?? format(short),
    date_long_pretty: near(moment) ?? format({ ...long, weekday: "long" }),
    time: format({ hour: "numeric", minute: "2-digit" }),
    time_secs: format({ hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: near(moment) ?? format(short),
  };
  const shown = unescaped(pattern).replace(/\{(\w+)\}/g, (all, name) => words[name] ?? all);
  const node = el("time", { datetime: moment.toISOString(), title: moment.toLocaleString() }, shown);
  return address ? link(unescaped(address), shown) : node;
}

function near(moment) {
  const day = (one) => Math.floor((one - one.getTimezoneOffset() * 60000) / 86400000);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[day(moment) - day(new Date())];
}
