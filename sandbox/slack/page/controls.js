// Draws Block Kit's interactive elements and sends what a person does with them.

import { el } from "./dom.js";
import { menu } from "./menu.js";
import { textNodes, textOf } from "./text.js";

const VALUE_KEYS = {
  plain_text_input: "value", email_text_input: "value", url_text_input: "value", number_input: "value",
  static_select: "selected_option", external_select: "selected_option", radio_buttons: "selected_option",
  multi_static_select: "selected_options", multi_external_select: "selected_options", checkboxes: "selected_options",
  users_select: "selected_user", conversations_select: "selected_conversation", channels_select: "selected_channel",
  multi_users_select: "selected_users", multi_conversations_select: "selected_conversations",
  multi_channels_select: "selected_channels", datepicker: "selected_date", timepicker: "selected_time",
  datetimepicker: "selected_date_time",
};

/** Draw one element; `context` says where it stands, what is filled in and how to send. */
export function control(context, block, element) {
  const place = { ...context.where, action_id: element.action_id, block_id: block.block_id };
  const key = VALUE_KEYS[element.type];
  const parts = {
    context, block, element, place, id: controlId(context, block, element),
    value: context.values?.[block.block_id]?.[element.action_id]?.[key] ?? null,
    label: textOf(block.label) || textOf(element.placeholder) || textOf(block.text).slice(0, 60) || element.action_id,
  };
  const draw = DRAW[element.type];
  return draw ? draw(parts) : el("span", { class: "faint" }, `(${element.type})`);
}

/** Return the id of an element's node, the same after every redraw. */
export function controlId(context, block, element) {
  const where = context.where.view ?? context.where.ts;
  return `c-${context.zone ?? ""}${where}-${block.block_id}-${element.action_id}`.replace(/[^\w-]/g, "_");
}

const DRAW = {
  button: ({ context, element, place, id }) => {
    const wrapper = el("span", { class: "pressable" });
    const press = async () => {
      if (element.url) window.open(element.url, "_blank", "noopener,noreferrer");
      if (!(await context.confirm(element.confirm))) return;
      await busy(wrapper, button, () => context.deed("click", place));
    };
    const button = el(
      "button",
      {
        type: "button", id, class: `button ${element.style ?? ""}`, onclick: press,
        "aria-label": element.accessibility_label,
      },
      textNodes(element.text, context.names),
      element.url ? el("span", { "aria-label": "(opens a page)" }, " ↗") : null,
    );
    wrapper.append(button);
    return wrapper;
  },
  plain_text_input: (parts) => textField(parts, "text"),
  email_text_input: (parts) => textField(parts, "email"),
  url_text_input: (parts) => textField(parts, "url"),
  number_input: (parts) => textField(parts, "text", { inputmode: "decimal" }),
  static_select: (parts) => optionMenu(parts, localOptions),
  multi_static_select: (parts) => optionMenu(parts, localOptions),
  external_select: (parts) => optionMenu(parts, askedOptions),
  multi_external_select: (parts) => optionMenu(parts, askedOptions),
  users_select: (parts) => idMenu(parts, parts.context.people()),
  multi_users_select: (parts) => idMenu(parts, parts.context.people()),
  conversations_select: (parts) => idMenu(parts, parts.context.conversations(parts.element.filter)),
  multi_conversations_select: (parts) => idMenu(parts, parts.context.conversations(parts.element.filter)),
  channels_select: (parts) => idMenu(parts, parts.context.conversations({ include: ["public"] })),
  multi_channels_select: (parts) => idMenu(parts, parts.context.conversations({ include: ["public"] })),
  checkboxes: (parts) => boxes(parts, "checkbox"),
  radio_buttons: (parts) => boxes(parts, "radio"),
  datepicker: (parts) => picker(parts, "date"),
  timepicker: (parts) => picker(parts, "time"),
  datetimepicker: (parts) => picker(parts, "datetime-local"),
  overflow: (parts) => {
    const { element } = parts;
    return menu({
      ...menuBasics(parts, []), placeholder: "⋯", label: "More", kind: "overflow",
      options: () => [{ options: element.options.map(asChoice) }],
      commit: (options) => choose(parts, options),
    });
  },
};

/** Disable a button while the app is asked, and say beside it when the app stays silent. */
async function busy(wrapper, button, act) {
  wrapper.querySelector(".trouble")?.remove();
  button.setAttribute("aria-busy", "true");
  try {
    await act();
  } catch (problem) {
    wrapper.append(el("span", { class: "trouble", role: "alert" }, `⚠ ${problem.message}`));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function textField({ context, block, element, place, id, value, label }, type, more = {}) {
  let timer = null;
  const send = (enter) => {
    clearTimeout(timer);
    timer = null;
    return context.deed("fill", { ...place, text: node.value, enter }).catch(context.complain);
  };
  const node = el(element.multiline ? "textarea" : "input", {
    id, type: element.multiline ? null : type, rows: element.multiline ? 4 : null, class: "field",
    placeholder: textOf(element.placeholder), maxlength: element.max_length, autocomplete: "off", spellcheck: "false",
    "aria-label": block.label ? null : label, ...describedBy(context, block), ...more,
    oninput: () => {
      forget(node);
      clearTimeout(timer);
      timer = setTimeout(send, 200);
    },
    onkeydown: (event) => {
      if (event.key !== "Enter" || element.multiline || event.isComposing) return;
      event.preventDefault();
      if (block.dispatch_action) send(true);
      else context.submit?.();
    },
  });
  node.value = value ?? "";
  context.onFlush?.(() => timer !== null && send(false));
  return node;
}

/** Take away what was wrong with a field as soon as it changes. */
function forget(node) {
  const input = node?.closest(".b-input.invalid");
  input?.classList.remove("invalid");
  input?.querySelector(".problem")?.remove();
}

function describedBy(context, block) {
  const ids = [block.hint && `hint-${block.block_id}`, context.errors?.[block.block_id] && `error-${block.block_id}`];
  const text = ids.filter(Boolean).join(" ");
  return { "aria-describedby": text || null, "aria-invalid": context.errors?.[block.block_id] ? "true" : null };
}

function asChoice(option) {
  return { value: option.value, label: textOf(option.text), note: textOf(option.description) };
}

function menuBasics({ id, element, label }, chosen) {
  return {
    id, label, chosen, isMulti: element.type.startsWith("multi_"), most: element.max_selected_items,
    placeholder: textOf(element.placeholder) || (element.type.startsWith("multi_") ? "Choose some" : "Choose an option"),
  };
}

function optionMenu(parts, options) {
  const chosen = [parts.value ?? []].flat().filter(Boolean).map(asChoice);
  const least = parts.element.min_query_length ?? 3;
  const needsTyping = parts.element.type.includes("external");
  return menu({
    ...menuBasics(parts, chosen),
    options: (typed) => options(parts, typed),
    hint: (typed) => (needsTyping && typed.length < least ? `Type at least ${least} characters` : "No results"),
    commit: (picked) => choose(parts, picked),
  });
}

function localOptions({ element }, typed) {
  const wanted = typed.toLowerCase();
  const groups = element.option_groups ?? [{ options: element.options }];
  return groups
    .map((group) => ({
      label: textOf(group.label),
      options: group.options.map(asChoice).filter((one) => one.label.toLowerCase().includes(wanted)),
    }))
    .filter((group) => group.options.length);
}

async function askedOptions({ context, place }, typed) {
  const answer = await context.deed("suggest", { ...place, typed });
  return [{ options: answer.options.map(asChoice) }];
}

function idMenu(parts, all) {
  const chosen = [parts.value ?? []].flat().filter(Boolean);
  const known = chosen.map((id) => all.find((one) => one.value === id) ?? { value: id, label: parts.context.names[id] ?? id });
  return menu({
    ...menuBasics(parts, known),
    options: (typed) => [{ options: all.filter((one) => one.label.toLowerCase().includes(typed.toLowerCase())) }],
    commit: (picked) => choose(parts, picked),
  });
}

async function choose({ context, element, place, id }, options) {
  forget(document.getElementById(id));
  if (!(await context.confirm(element.confirm))) return context.redraw();
  await context.deed("choose", { ...place, values: options.map((one) => one.value) }).catch(context.complain);
}

function boxes(parts, type) {
  const { context, block, element, id, value, label } = parts;
  const chosen = new Set([value ?? []].flat().filter(Boolean).map((one) => one.value));
  const group = el("div", {
    class: "boxes", role: type === "radio" ? "radiogroup" : "group", id, "aria-label": label, ...describedBy(context, block),
  });
  const change = () => {
    const picked = [...group.querySelectorAll("input:checked")].map((one) => ({ value: one.value }));
    choose(parts, picked);
  };
  element.options.forEach((option, number) => {
    const box = el("input", { type, id: `${id}-${number}`, name: id, value: option.value, onchange: change });
    box.checked = chosen.has(option.value);
    const note = option.description ? el("small", {}, textNodes(option.description, context.names)) : null;
    group.append(el("label", { class: "box" }, box, el("span", {}, textNodes(option.text, context.names), note)));
  });
  return group;
}

function picker(parts, type) {
  const { context, block, id, value, label } = parts;
  const isMoment = type === "datetime-local";
  const node = el("input", {
    id, type, class: "field picker", "aria-label": block.label ? null : label, ...describedBy(context, block),
    onchange: () => {
      const picked = isMoment ? String(Math.floor(new Date(node.value) / 1000)) : node.value;
      choose(parts, node.value ? [{ value: picked }] : []);
    },
  });
  node.value = isMoment && value ? localMoment(value) : (value ?? "");
  return node;
}

function localMoment(unix) {
  const moment = new Date(unix * 1000);
  return new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
