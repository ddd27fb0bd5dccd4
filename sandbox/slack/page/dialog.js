// Shows dialogs and confirmations on top of the page, with the focus kept inside them.

import { drawBlocks } from "./blocks.js";
import { el, keepFocus, trapTab } from "./dom.js";
import { closeMenu } from "./menu.js";
import { textNodes, textOf } from "./text.js";

const layer = document.getElementById("layer");
let shown = { signature: "", id: "", errors: {} };
let before = null;

/** Draw the dialog in front, or none; `context` is what its controls need. */
export function showDialog(views, context, salt) {
  const view = views[views.length - 1];
  const signature = view ? JSON.stringify([view.id, view.hash, salt, views.length]) : "";
  const errors = view?.errors ?? {};
  // A field forgets its error by itself when it changes; only new errors are drawn.
  const isWorse = Object.keys(errors).some((name) => errors[name] !== shown.errors[name]);
  if (signature === shown.signature && !isWorse) {
    shown.errors = errors;
    return;
  }
  const isNew = view?.id !== shown.id;
  if (view && !shown.id) before = document.activeElement;
  shown = { signature, id: view?.id ?? "", errors };
  if (!view) {
    layer.querySelector(".shade.dialog-shade")?.remove();
    before?.isConnected ? before.focus() : document.getElementById("composer-text")?.focus();
    return;
  }
  const scrolled = layer.querySelector(".dialog-body")?.scrollTop ?? 0;
  const node = draw(view, views.length, context);
  keepFocus(() => {
    layer.querySelector(".shade.dialog-shade")?.remove();
    layer.prepend(node);
  });
  const body = node.querySelector(".dialog-body");
  if (!isNew) body.scrollTop = scrolled;
  const wrong = body.querySelector("[aria-invalid=true]");
  if (wrong) wrong.focus();
  else if (isNew) firstField(view, node).focus();
}

function firstField(view, node) {
  return node.querySelector(".dialog-body .field, .dialog-body .menu-button, .dialog-body input, .dialog-body button") ?? node.querySelector(".dialog");
}

function draw(view, depth, shared) {
  const flushes = [];
  const context = {
    ...shared, where: { view: view.id }, values: view.values, errors: view.errors,
    onFlush: (flush) => flushes.push(flush), submit: () => content.submit && submit(),
    // What is being typed is kept before anything else happens, as the dialog may be drawn anew.
    deed: (name, wish) => {
      if (name !== "fill" && name !== "suggest") flushes.forEach((flush) => flush());
      return shared.deed(name, wish);
    },
  };
  const content = view.content;
  const trouble = el("p", { class: "trouble-line", role: "alert", hidden: true });
  const send = el("button", { type: "submit", class: "button primary" }, textOf(content.submit));
  const form = el(
    "form",
    {
      class: "dialog", role: "dialog", "aria-modal": "true", "aria-labelledby": `title-${view.id}`, tabindex: "-1", novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        if (content.submit) submit();
      },
      onkeydown: (event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          leave(false);
        } else trapTab(form, event);
      },
    },
    el(
      "header",
      { class: "dialog-head" },
      el("h2", { id: `title-${view.id}` }, textOf(content.title)),
      depth > 1 ? el("span", { class: "depth", title: "Dialogs open" }, `${depth} of 3`) : null,
      el("button", { type: "button", class: "cross", "aria-label": "Close", onclick: () => leave(true) }, "✕"),
    ),
    el("div", { class: "dialog-body" }, drawBlocks(context, content.blocks)),
    trouble,
    el(
      "footer",
      { class: "dialog-foot" },
      el("button", { type: "button", class: "button", onclick: () => leave(false) }, content.close ? textOf(content.close) : content.submit ? "Cancel" : "Close"),
      content.submit ? send : null,
    ),
  );

  async function submit() {
    closeMenu();
    send.setAttribute("aria-busy", "true");
    send.disabled = true;
    trouble.hidden = true;
    try {
      await context.deed("submit", { view: view.id });
    } catch (problem) {
      trouble.textContent = problem.message;
      trouble.hidden = false;
    } finally {
      send.disabled = false;
      send.removeAttribute("aria-busy");
    }
  }

  function leave(whole) {
    closeMenu();
    shared.deed("close", { view: view.id, whole }).catch(shared.complain);
  }

  return el("div", { class: "shade dialog-shade" }, form);
}

/** Ask a button's confirmation; true when there is none or the person agrees. */
export function askConfirm(confirm, names) {
  if (!confirm) return Promise.resolve(true);
  const last = document.activeElement;
  return new Promise((resolve) => {
    const answer = (isYes) => {
      shade.remove();
      last?.focus?.();
      resolve(isYes);
    };
    const yes = el(
      "button",
      { type: "button", class: `button ${confirm.style ?? "primary"}`, onclick: () => answer(true) },
      textOf(confirm.confirm),
    );
    const box = el(
      "div",
      {
        class: "dialog small", role: "alertdialog", "aria-modal": "true", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text",
        onkeydown: (event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            answer(false);
          } else trapTab(box, event);
        },
      },
      el("header", { class: "dialog-head" }, el("h2", { id: "confirm-title" }, textOf(confirm.title))),
      el("div", { class: "dialog-body", id: "confirm-text" }, textNodes(confirm.text, names)),
      el(
        "footer",
        { class: "dialog-foot" },
        el("button", { type: "button", class: "button", onclick: () => answer(false) }, textOf(confirm.deny)),
        yes,
      ),
    );
    const shade = el("div", { class: "shade" }, box);
    layer.append(shade);
    yes.focus();
  });
}
