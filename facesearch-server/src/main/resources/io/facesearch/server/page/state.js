// What the address tells: the view and its settings, after the '#', which never leaves the browser.
// Nothing of a photo is in it: an upload is gone with the page.

const DEFAULTS = {
  view: "search",
  show: "people",
  face: "",
  k: "12",
  only: "",
  folder: "",
  tag: "",
  from: "",
  to: "",
  quality: "",
  person: "",
  a: "",
  b: "",
};

let changed = () => {};

/** All settings as the address has them. */
export function read() {
  const given = [...new URLSearchParams(location.hash.slice(1))];
  return { ...DEFAULTS, ...Object.fromEntries(given.filter(([key]) => key in DEFAULTS)) };
}

/** The address of some settings, all others at their defaults. */
export function address(settings) {
  const differing = Object.entries(settings).filter(
    ([key, value]) => String(value) !== DEFAULTS[key],
  );
  return `#${new URLSearchParams(differing)}`;
}

/** Changes settings without a step in the history, and shows nothing. */
export function note(settings) {
  history.replaceState(null, "", address({ ...read(), ...settings }));
}

/** Goes to an address of these settings, a step in the history. */
export function go(settings) {
  const there = address(settings);
  if (there !== (location.hash || "#")) {
    history.pushState(null, "", there);
  }
  changed();
}

/** Calls back when the address was changed, also by the browser's own buttons. */
export function watch(callback) {
  changed = callback;
  window.addEventListener("popstate", () => changed());
}
