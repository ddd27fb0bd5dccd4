// Shows a shared file: name, size, a download, and a preview of tables and text.

import { el } from "./dom.js";

const ROWS_SHOWN = 12;

/** Draw the card of one file. */
export function fileCard(file) {
  const isTable = /\.csv$/i.test(file.name);
  const canPreview = isTable || /\.(txt|json|md)$/i.test(file.name);
  const preview = el("div", { class: "preview", hidden: true });
  const toggle = el(
    "button",
    { type: "button", class: "button slim", "aria-expanded": "false", onclick: () => open(file, isTable, toggle, preview) },
    "Preview",
  );
  return el(
    "div",
    { class: "file" },
    el("span", { class: "file-icon", "aria-hidden": "true" }, isTable ? "CSV" : "FILE"),
    el("span", { class: "file-words" }, el("strong", {}, file.title || file.name), el("small", {}, `${file.name} · ${size(file.bytes)}`)),
    canPreview ? toggle : null,
    el("a", { class: "button slim", href: `/files/${file.id}`, download: file.name }, "Download"),
    preview,
  );
}

async function open(file, isTable, toggle, preview) {
  preview.hidden = !preview.hidden;
  toggle.setAttribute("aria-expanded", String(!preview.hidden));
  toggle.textContent = preview.hidden ? "Preview" : "Hide";
  if (preview.hidden || preview.childElementCount) return;
  const response = await fetch(`/files/${file.id}`);
  const text = response.ok ? await response.text() : "This file cannot be read.";
  preview.replaceChildren(...(isTable ? csvTable(parseCsv(text)) : [el("pre", {}, text.slice(0, 4000))]));
}

function csvTable(rows) {
  const [head = [], ...body] = rows;
  const shown = body.slice(0, ROWS_SHOWN);
  const more = body.length - shown.length;
  return [
    el(
      "div",
      { class: "b-table", tabindex: "0", role: "region", "aria-label": "First rows" },
      el(
        "table",
        {},
        el("tr", {}, head.map((cell) => el("th", {}, cell))),
        shown.map((row) => el("tr", {}, row.map((cell) => el("td", {}, cell)))),
      ),
    ),
    el("p", { class: "hint" }, more > 0 ? `and ${more} more rows` : `${body.length} rows`),
  ];
}

/** Read CSV with quoted cells (RFC 4180). */
export function parseCsv(text) {
  const rows = [];
  let row = [];
  for (const [, quoted, bare, end] of text.replace(/^\uFEFF/, "").matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (row.length > 1 || row[0]) rows.push(row);
    row = [];
  }
  return rows;
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
