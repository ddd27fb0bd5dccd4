// Builds DOM nodes from words and numbers. Text always becomes a text node: nothing here reads HTML.

/** Make an element: properties, `on…` listeners, `aria-…`/`data-…` attributes, then children. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/**
 * Show a list of items under `parent`, touching only what changed.
 * Nodes whose key and signature stay are left alone, so focus and open menus survive.
 */
export function reconcile(parent, items, keyOf, build) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const signature = JSON.stringify(item);
    let node = old.get(key);
    old.delete(key);
    if (!node || node.signature !== signature) {
      const fresh = build(item);
      fresh.dataset.key = key;
      fresh.signature = signature;
      if (node) {
        if (place === node) place = node.nextElementSibling;
        keepFocus(() => node.remove(), () => parent.insertBefore(fresh, place));
      } else parent.insertBefore(fresh, place);
      node = fresh;
    } else if (node !== place) parent.insertBefore(node, place);
    else place = node.nextElementSibling;
  }
  for (const node of old.values()) node.remove();
}

/** Run steps that rebuild part of the page, then put the focus back where it was. */
export function keepFocus(...steps) {
  const { id, selectionStart, selectionEnd } = document.activeElement ?? {};
  for (const step of steps) step();
  const again = id && document.getElementById(id);
  if (!again || again === document.activeElement) return;
  again.focus({ preventScroll: true });
  if (typeof selectionStart === "number" && again.setSelectionRange) {
    try {
      again.setSelectionRange(selectionStart, selectionEnd);
    } catch {
      // Number and email fields have no selection.
    }
  }
}

/** Keep Tab inside a node. */
export function trapTab(node, event) {
  if (event.key !== "Tab") return;
  const inside = [...node.querySelectorAll("a[href], button, input, textarea, select, [tabindex='0']")].filter(
    (one) => !one.disabled && one.offsetParent !== null,
  );
  if (!inside.length) return;
  const edge = event.shiftKey ? inside[0] : inside[inside.length - 1];
  if (document.activeElement === edge || !node.contains(document.activeElement)) {
    event.preventDefault();
    (event.shiftKey ? inside[inside.length - 1] : inside[0]).focus();
  }
}
