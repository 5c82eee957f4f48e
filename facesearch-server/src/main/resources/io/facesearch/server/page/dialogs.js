// Dialogs of the page. The browser keeps the focus inside and gives it back.

import { t, has } from "./i18n.js";

export const $ = (id) => document.getElementById(id);

/** Elements without markup: nothing that a client or a file name says is ever parsed as HTML. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "dataset") {
      Object.assign(element.dataset, value);
    } else if (name.startsWith("aria-") || name === "role") {
      element.setAttribute(name, value);
    } else {
      element[name] = value;
    }
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** A button with a text, and what it does. */
export function button(text, className, work, label) {
  const made = make("button", { type: "button", className, textContent: text });
  if (label) {
    made.setAttribute("aria-label", label);
  }
  made.addEventListener("click", work);
  return made;
}

export function show(element, visible) {
  element.hidden = !visible;
}

/** What went wrong, in the reader's language; the server's own words where there is no text. */
export function explain(problem) {
  const key = `problem.${problem.code}`;
  return has(key) ? t(key) : t("problem.other", { detail: problem.message });
}

export function setError(id, problem) {
  const element = $(id);
  show(element, problem != null);
  element.textContent = problem == null ? "" : explain(problem);
}

for (const closer of document.querySelectorAll("[data-close]")) {
  closer.addEventListener("click", () => closer.closest("dialog").close());
}

let timer = 0;

/** Says something for a while; with what takes it back, for half a minute. */
export function toast(text, undo) {
  const element = $("toast");
  element.replaceChildren(make("span", { textContent: text }));
  if (undo) {
    element.append(
      button(t("undo"), "link", async () => {
        show(element, false);
        await undo();
      }),
    );
  }
  show(element, true);
  clearTimeout(timer);
  timer = setTimeout(() => show(element, false), undo ? 30_000 : 6000);
}

/** Runs the work of a dialog's form: it closes if that succeeds, else it says why not. */
export function onSubmit(dialog, errorId, work) {
  const form = dialog.querySelector("form");
  form.onsubmit = async (event) => {
    event.preventDefault();
    const submit = form.querySelector("[type=submit]");
    submit.disabled = true;
    setError(errorId, null);
    try {
      await work();
      dialog.close();
    } catch (problem) {
      setError(errorId, problem);
    } finally {
      submit.disabled = false;
    }
  };
}

/** Asks before something that cannot be undone. */
export function confirm(title, text, action, work) {
  const dialog = $("confirm-dialog");
  $("confirm-title").textContent = title;
  $("confirm-text").textContent = text;
  $("confirm-do").textContent = action;
  setError("confirm-error", null);
  onSubmit(dialog, "confirm-error", work);
  dialog.showModal();
}
