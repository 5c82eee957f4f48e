// Texts in the chosen language; numbers and plurals by its rules.

const KEY = "facesearch.language";
const LANGUAGES = ["en", "vi"];

let texts = {};
let language = "en";
let plural = new Intl.PluralRules("en");

/** The language chosen before, else the one the server found in Accept-Language. */
export function preferred() {
  const chosen = localStorage.getItem(KEY);
  return LANGUAGES.includes(chosen) ? chosen : document.documentElement.lang;
}

export async function load(wanted) {
  const response = await fetch(`/assets/messages/${wanted}.json`);
  texts = await response.json();
  language = wanted;
  plural = new Intl.PluralRules(wanted);
  document.documentElement.lang = wanted;
  apply(document);
}

export function choose(wanted) {
  localStorage.setItem(KEY, wanted);
  return load(wanted);
}

export function has(key) {
  return key in texts;
}

/** A text with its {parameters}; one that depends on a number has a form for each plural. */
export function t(key, values = {}) {
  let text = texts[key];
  if (text === undefined) {
    return key;
  }
  if (typeof text === "object") {
    text = text[plural.select(values.n)] ?? text.other;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === "number" ? number(value) : (value ?? whole);
  });
}

export function number(value, options) {
  return new Intl.NumberFormat(language, options).format(value);
}

/** Fills in all elements that name a text. */
export function apply(root) {
  for (const element of root.querySelectorAll("[data-t]")) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of root.querySelectorAll("[data-t-placeholder]")) {
    element.placeholder = t(element.dataset.tPlaceholder);
  }
  for (const element of root.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
  for (const element of root.querySelectorAll("[data-t-alt]")) {
    element.alt = t(element.dataset.tAlt);
  }
}
