// Draws Block Kit's blocks as DOM nodes.

import { control, controlId } from "./controls.js";
import { el } from "./dom.js";
import { link, mrkdwn, textNodes, textOf } from "./text.js";

/** Draw blocks, in order; see `control` for the context. */
export function drawBlocks(context, blocks) {
  return blocks.map((block) => (DRAW[block.type] ?? unknown)(context, block));
}

const DRAW = {
  header: (context, block) => el(`h${Math.min((block.level ?? 2) + 1, 6)}`, { class: "b-header" }, textNodes(block.text, context.names)),
  divider: () => el("hr", { class: "b-divider" }),
  section: (context, block) =>
    el(
      "div",
      { class: "b-section" },
      el(
        "div",
        { class: "b-section-body" },
        block.text ? el("div", { class: "b-text" }, textNodes(block.text, context.names)) : null,
        block.fields
          ? el("div", { class: "b-fields" }, block.fields.map((field) => el("div", {}, textNodes(field, context.names))))
          : null,
      ),
      block.accessory ? el("div", { class: "b-accessory" }, accessory(context, block)) : null,
    ),
  context: (context, block) =>
    el("div", { class: "b-context" }, block.elements.map((one) => (one.type === "image" ? picture(one) : el("span", {}, textNodes(one, context.names))))),
  actions: (context, block) => el("div", { class: "b-actions" }, block.elements.map((one) => control(context, block, one))),
  context_actions: (context, block) => el("div", { class: "b-actions" }, block.elements.map((one) => control(context, block, one))),
  input: drawInput,
  image: (_, block) => picture(block),
  rich_text: (context, block) => el("div", { class: "b-text" }, block.elements.map((one) => rich(context, one))),
  markdown: (context, block) => el("div", { class: "b-text" }, mrkdwn(block.text, context.names)),
  alert: (context, block) => el("div", { class: `b-alert ${block.level ?? "default"}`, role: "note" }, textNodes(block.text, context.names)),
  table: (context, block) => table(context, block.rows, block.column_settings),
  data_table: (context, block) =>
    el("figure", { class: "b-figure" }, el("figcaption", {}, block.caption), table(context, block.rows, [], true)),
  data_visualization: (_, block) => chart(block),
  card: drawCard,
  carousel: (context, block) => el("div", { class: "b-carousel" }, block.elements.map((card) => drawCard(context, card))),
  container: (context, block) =>
    el("section", { class: "b-container" }, el("strong", {}, textOf(block.title)), drawBlocks(context, block.child_blocks)),
  plan: (_, block) => el("div", { class: "b-container" }, el("strong", {}, block.title), block.tasks.map(task)),
  task_card: (_, block) => task(block),
};

function unknown(_, block) {
  return el("p", { class: "faint" }, `(${block.type})`);
}

function accessory(context, block) {
  return block.accessory.type === "image" ? picture(block.accessory) : control(context, block, block.accessory);
}

/** Name a picture; the page loads nothing from elsewhere. */
function picture(image) {
  return el("span", { class: "picture", role: "img", "aria-label": image.alt_text }, `Image: ${image.alt_text}`);
}

function drawInput(context, block) {
  const problem = context.errors?.[block.block_id];
  return el(
    "div",
    { class: problem ? "b-input invalid" : "b-input" },
    el(
      "label",
      { for: controlId(context, block, block.element) },
      textOf(block.label),
      block.optional ? el("span", { class: "faint" }, " (optional)") : null,
    ),
    control(context, block, block.element),
    problem ? el("p", { class: "problem", id: `error-${block.block_id}`, role: "alert" }, problem) : null,
    block.hint ? el("p", { class: "hint", id: `hint-${block.block_id}` }, textNodes(block.hint, context.names)) : null,
  );
}

function drawCard(context, block) {
  const text = (object, kind) => (object ? el("div", { class: kind }, textNodes(object, context.names)) : null);
  return el(
    "div",
    { class: "b-card" },
    text(block.title, "b-card-title"),
    text(block.subtitle, "faint"),
    text(block.body, "b-text"),
    text(block.subtext, "faint"),
    block.actions ? el("div", { class: "b-actions" }, block.actions.map((one) => control(context, block, one))) : null,
  );
}

function task(one) {
  const mark = { pending: "○", in_progress: "◐", complete: "●", error: "✕" }[one.status];
  return el("div", { class: "b-task" }, `${mark} ${one.title}`);
}

function table(context, rows, columns = [], hasHead = false) {
  const cell = (one, number, tag) =>
    el(
      tag,
      { class: columns?.[number]?.align ?? (one.type === "raw_number" ? "right" : "") },
      one.type === "rich_text" ? one.elements.map((part) => rich(context, part)) : String(one.text ?? one.value),
    );
  return el(
    "div",
    { class: "b-table", tabindex: "0", role: "region", "aria-label": "Table" },
    el("table", {}, rows.map((row, at) => el("tr", {}, row.map((one, number) => cell(one, number, hasHead && !at ? "th" : "td"))))),
  );
}

function chart(block) {
  const points =
    block.chart.type === "pie"
      ? block.chart.segments
      : block.chart.series.flatMap((series) => series.data.map((point) => ({ ...point, label: `${series.name} · ${point.label}` })));
  const most = Math.max(...points.map((point) => point.value), 1);
  return el(
    "figure",
    { class: "b-figure" },
    el("figcaption", {}, block.title),
    points.map((point) => {
      const bar = el("span", { class: "bar" });
      bar.style.width = `${Math.max(1, (100 * point.value) / most)}%`;
      return el("div", { class: "bar-row" }, el("span", {}, point.label), el("span", { class: "bar-track" }, bar), el("span", {}, String(point.value)));
    }),
  );
}

function rich(context, one) {
  const inner = () => one.elements.map((part) => rich(context, part));
  if (one.type === "rich_text_section") return el("div", {}, inner());
  if (one.type === "rich_text_list") return el(one.style === "ordered" ? "ol" : "ul", {}, one.elements.map((item) => el("li", {}, rich(context, item))));
  if (one.type === "rich_text_quote") return el("blockquote", {}, inner());
  if (one.type === "rich_text_preformatted") return el("pre", {}, inner());
  if (one.type === "user") return el("span", { class: "mention" }, `@${context.names[one.user_id] ?? one.user_id}`);
  if (one.type === "channel") return el("span", { class: "mention" }, `#${context.names[one.channel_id] ?? one.channel_id}`);
  if (one.type === "broadcast") return el("span", { class: "mention loud" }, `@${one.range}`);
  if (one.type === "link") return link(one.url, one.text ?? one.url);
  if (one.type === "emoji") return `:${one.name}:`;
  return styled(one.text ?? one.value ?? one.fallback ?? "", one.style ?? {});
}

function styled(text, style) {
  const tags = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };
  return Object.keys(tags).filter((name) => style[name]).reduce((node, name) => el(tags[name], {}, node), text);
}
