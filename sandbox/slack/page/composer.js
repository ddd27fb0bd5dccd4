// The message box: Enter sends, Shift+Enter breaks the line, "/" lists the app's commands.

import { el } from "./dom.js";

/** Make the message box; `send(text)` is told what was typed. */
export function composer({ placeholder, commands, send }) {
  let hints = [];
  let active = 0;
  const list = el("ul", { class: "hints", id: "hints", role: "listbox", "aria-label": "Commands", hidden: true });
  const box = el("textarea", {
    id: "composer-text", rows: 1, placeholder, "aria-label": placeholder, "aria-controls": "hints", autocomplete: "off", spellcheck: "false",
    oninput: () => {
      grow();
      suggest();
    },
    onkeydown: keys,
    onblur: () => setTimeout(() => (list.hidden = true), 150),
  });
  const button = el("button", { type: "button", class: "send", "aria-label": "Send", onclick: submit }, "➤");

  function grow() {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 160)}px`;
  }

  function suggest() {
    const typed = box.value;
    hints = /^\/\S*$/.test(typed) ? commands.filter((one) => one.name.startsWith(typed)) : [];
    active = 0;
    draw();
  }

  function draw() {
    list.hidden = !hints.length;
    list.replaceChildren(
      ...hints.map((one, number) =>
        el(
          "li",
          { role: "option", id: `hint-${number}`, "aria-selected": String(number === active), onpointerdown: (event) => complete(event, one) },
          el("strong", {}, one.name),
          " ",
          el("span", { class: "faint" }, one.hint),
          el("small", {}, one.description),
        ),
      ),
    );
    if (hints.length) box.setAttribute("aria-activedescendant", `hint-${active}`);
    else box.removeAttribute("aria-activedescendant");
  }

  function complete(event, one) {
    event.preventDefault();
    box.value = `${one.name} `;
    suggest();
    box.focus();
  }

  function submit() {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    grow();
    suggest();
    send(text);
  }

  function keys(event) {
    if (event.isComposing) return;
    const isListed = hints.length && !list.hidden;
    if (isListed && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      active = (active + (event.key === "ArrowDown" ? 1 : hints.length - 1)) % hints.length;
      draw();
      event.preventDefault();
    } else if (isListed && event.key === "Escape") {
      hints = [];
      draw();
    } else if (isListed && (event.key === "Tab" || (event.key === "Enter" && hints[active].name !== box.value))) {
      complete(event, hints[active]);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  }

  return el("div", { class: "composer-box" }, list, box, button);
}
