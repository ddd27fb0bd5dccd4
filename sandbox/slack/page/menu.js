// A menu to choose from: a button that opens a list with a search field, for one choice or several.

import { el } from "./dom.js";

let open = null;

document.addEventListener("pointerdown", (event) => {
  if (open && !open.popup.contains(event.target) && !open.button.contains(event.target)) open.close();
});
window.addEventListener("resize", () => open?.place());

/** Close the menu that is open, if any, and keep what was chosen. */
export function closeMenu() {
  open?.close();
}

/**
 * Make a menu.
 *
 * `options(typed)` returns (or promises) groups [{label, options: [{value, label, note}]}];
 * `chosen` holds the chosen options; `commit(options)` is told once per change.
 */
export function menu({ id, label, placeholder, chosen, isMulti, most, options, commit, hint, kind = "" }) {
  let current = chosen;
  const words = el("span", { class: "menu-words" });
  const button = el(
    "button",
    { type: "button", class: `menu-button ${kind}`, id, "aria-haspopup": "listbox", "aria-expanded": "false", onclick: toggle },
    words,
    el("span", { class: "menu-arrow", "aria-hidden": "true" }, "▾"),
  );
  describe();

  function describe() {
    words.replaceChildren(
      ...(isMulti && current.length
        ? current.map((one) => el("span", { class: "chip" }, one.label))
        : [current[0]?.label ?? placeholder]),
    );
    words.classList.toggle("faint", !current.length);
    button.setAttribute("aria-label", `${label}: ${current.map((one) => one.label).join(", ") || placeholder}`);
  }

  function toggle() {
    if (open?.button === button) open.close();
    else show();
  }

  function show() {
    closeMenu();
    const before = JSON.stringify(current.map((one) => one.value));
    let asked = 0;
    const list = el("ul", { class: "menu-list", role: "listbox", id: `${id}-list`, "aria-label": label, "aria-multiselectable": isMulti });
    const search = el("input", {
      class: "menu-search", type: "text", role: "combobox", placeholder: "Search", autocomplete: "off",
      "aria-label": `Search ${label}`, "aria-controls": `${id}-list`, "aria-expanded": "true",
      oninput: () => fill(search.value), onkeydown: keys,
    });
    const popup = el("div", { class: "menu-popup" }, search, list);
    document.body.append(popup);
    button.setAttribute("aria-expanded", "true");
    open = { button, popup, place, close };
    place();
    search.focus();
    fill("");

    function place() {
      const box = button.getBoundingClientRect();
      const below = window.innerHeight - box.bottom;
      const isAbove = below < 260 && box.top > below;
      popup.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - 328))}px`;
      popup.style.width = `${Math.min(Math.max(box.width, 240), window.innerWidth - 16)}px`;
      popup.style.top = isAbove ? "auto" : `${box.bottom + 4}px`;
      popup.style.bottom = isAbove ? `${window.innerHeight - box.top + 4}px` : "auto";
      popup.style.maxHeight = `${Math.max(140, (isAbove ? box.top : below) - 16)}px`;
    }

    function close() {
      popup.remove();
      open = null;
      button.setAttribute("aria-expanded", "false");
      if (JSON.stringify(current.map((one) => one.value)) !== before) commit(current);
    }

    async function fill(typed) {
      const number = ++asked;
      const slow = setTimeout(() => number === asked && say("Searching…"), 150);
      let groups;
      try {
        groups = await options(typed);
      } catch (problem) {
        groups = problem.message;
      }
      clearTimeout(slow);
      if (number !== asked || open?.popup !== popup) return;
      if (typeof groups === "string") return say(groups);
      const count = groups.reduce((sum, group) => sum + group.options.length, 0);
      if (!count) return say(hint?.(typed) ?? "No results");
      list.replaceChildren(...groups.flatMap(drawGroup));
      activate(list.querySelector("[aria-selected=true]") ?? list.querySelector("[role=option]"));
    }

    function say(sentence) {
      list.replaceChildren(el("li", { class: "menu-none", role: "presentation" }, sentence));
    }

    function drawGroup(group) {
      const head = group.label ? [el("li", { class: "menu-group", role: "presentation" }, group.label)] : [];
      return [...head, ...group.options.map(drawOption)];
    }

    function drawOption(option) {
      const isChosen = current.some((one) => one.value === option.value);
      const node = el(
        "li",
        {
          role: "option", id: `${id}-${option.value}`, class: "menu-option", "aria-selected": String(isChosen),
          onclick: () => pick(option, node), onpointermove: () => activate(node),
        },
        el("span", { class: "tick", "aria-hidden": "true" }, "✓"),
        el("span", {}, option.label, option.note ? el("small", {}, option.note) : null),
      );
      node.pick = () => pick(option, node);
      return node;
    }

    function pick(option, node) {
      if (!isMulti) {
        current = [option];
        describe();
        close();
        button.focus();
        return;
      }
      const isChosen = current.some((one) => one.value === option.value);
      if (!isChosen && most && current.length >= most) return;
      current = isChosen ? current.filter((one) => one.value !== option.value) : [...current, option];
      node.setAttribute("aria-selected", String(!isChosen));
      describe();
      place();
    }

    function activate(node) {
      list.querySelector(".active")?.classList.remove("active");
      node?.classList.add("active");
      node?.scrollIntoView({ block: "nearest" });
      if (node) search.setAttribute("aria-activedescendant", node.id);
      else search.removeAttribute("aria-activedescendant");
    }

    function keys(event) {
      const all = [...list.querySelectorAll("[role=option]")];
      const at = all.indexOf(list.querySelector(".active"));
      if (event.key === "ArrowDown") activate(all[Math.min(at + 1, all.length - 1)]);
      else if (event.key === "ArrowUp") activate(all[Math.max(at - 1, 0)]);
      else if (event.key === "Enter") all[at]?.pick();
      else if (event.key === "Escape") {
        close();
        button.focus();
      } else if (event.key === "Tab") {
        close();
        button.focus();
        return;
      } else return;
      event.preventDefault();
      event.stopPropagation();
    }
  }

  return button;
}
