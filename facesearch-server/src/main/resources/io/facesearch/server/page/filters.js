// Which faces are searched: person, folder, day, tags, quality; with how many each would leave.

import * as api from "./api.js";
import * as state from "./state.js";
import { t, number } from "./i18n.js";
import { $, button, make, show } from "./dialogs.js";

const DAY = 86_400_000;

/** What is counted, once that is known. */
let facets = null;
let asked = 0;
let counted = "{}";

const tagsOf = (settings) => settings.tag.split("\n").filter(Boolean);

/** What the address asks for, as the server calls it. */
export function wanted(settings = state.read()) {
  const all = {
    person: settings.only || undefined,
    folder: settings.folder || undefined,
    takenFrom: settings.from || undefined,
    takenTo: settings.to || undefined,
    quality: settings.quality ? Number(settings.quality) : undefined,
  };
  const tag = tagsOf(settings);
  return { ...all, tag: tag.length > 0 ? tag : undefined };
}

const isSet = (settings) => Object.values(wanted(settings)).some((value) => value !== undefined);

/** Shows what the address says; whether it is something else than before. */
export function open(settings) {
  $("only").value = settings.only;
  $("quality").value = settings.quality || 0;
  for (const end of ["from", "to"]) {
    $(end).value = settings[end];
  }
  showChoices();
  const now = JSON.stringify(wanted(settings));
  const other = now !== counted;
  if (other) {
    counted = now;
    if ($("filters").open || isSet(settings)) {
      count();
    } else {
      facets = null;
      showChoices();
    }
  }
  return other;
}

/** Counts anew, if somebody looks, as the gallery is another now. */
export function refresh() {
  if ($("filters").open || isSet(state.read())) {
    count();
  }
}

async function count() {
  const mine = ++asked;
  try {
    const answer = await api.facets(wanted());
    if (mine === asked) {
      facets = answer;
      showChoices();
    }
  } catch {
    // The search with the same filters says what is wrong.
  }
}

const option = (value, text) => make("option", { value, textContent: text });
const counts = (name, n) => t("filters.count", { name, n });

/** A select of what there is; what is chosen stays, even if nothing has it any more. */
function fill(id, first, choices, chosen) {
  const options = [option("", first), ...choices];
  if (chosen && !choices.some((one) => one.value === chosen)) {
    options.push(option(chosen, counts(chosen, 0)));
  }
  $(id).replaceChildren(...options);
  $(id).value = chosen;
}

const readable = (tag, value) => (value === "yes" ? tag.replaceAll("_", " ") : `${tag}: ${value}`);

function showChoices() {
  const settings = state.read();
  const chosen = tagsOf(settings);
  const none = t("filters.any");
  fill(
    "folder",
    none,
    (facets?.folders ?? []).map(({ name, faces }) => option(name, counts(name, faces))),
    settings.folder,
  );
  const tags = (facets?.tags ?? []).flatMap(({ tag, values }) =>
    values.map(({ name, faces }) => option(`${tag}=${name}`, counts(readable(tag, name), faces))),
  );
  fill("tag", none, tags.filter((one) => !chosen.includes(one.value)), "");
  $("tags").replaceChildren(
    ...chosen.map((one) => {
      const at = one.indexOf("=");
      const text = readable(one.slice(0, at), one.slice(at + 1));
      return make(
        "li",
        {},
        button(`${text} ✕`, "small", () => {
          set({ tag: chosen.filter((other) => other !== one).join("\n") });
          $("tag").focus();
        }, t("filters.without", { name: text })),
      );
    }),
  );
  show($("tag-part"), tags.length > 0 || chosen.length > 0);
  show($("folder-part"), facets?.folders.length > 0 || settings.folder !== "");
  showDays(settings);
  const value = Number($("quality").value);
  $("quality-value").textContent =
    value === 0
      ? none
      : counts(number(value, { style: "percent" }), facets?.quality[Math.round(value * 10)] ?? 0);
  show($("quality-part"), facets?.quality.length > 0 || settings.quality !== "");
  const any = isSet(settings);
  show($("filters-clear"), any);
  $("filters-count").textContent =
    any && facets ? t("filters.left", { n: facets.faces, all: facets.gallerySize }) : "";
}

const dayOf = (text) => Math.round(Date.parse(text) / DAY);
const textOf = (day) => new Date(day * DAY).toISOString().slice(0, 10);

function showDays(settings) {
  const taken = facets?.taken;
  show($("taken-part"), taken != null || settings.from !== "" || settings.to !== "");
  if (!taken) {
    $("taken-count").textContent = "";
    return;
  }
  for (const end of ["from", "to"]) {
    const slider = $(`${end}-slider`);
    slider.min = dayOf(taken.first);
    slider.max = dayOf(taken.last);
    slider.value = dayOf(settings[end] || (end === "from" ? taken.first : taken.last));
    tellDay(slider);
  }
  $("taken-count").replaceChildren(
    ...taken.years.flatMap(({ name, faces }, i) => [
      i === 0 ? "" : " · ",
      button(counts(name, faces), "link", () => set({ from: `${name}-01-01`, to: `${name}-12-31` })),
    ]),
  );
}

/** A slider of days says the day, not its number. */
function tellDay(slider) {
  slider.setAttribute("aria-valuetext", textOf(Number(slider.value)));
}

function set(settings) {
  state.go({ ...state.read(), ...settings });
}

export function setUp(suggest) {
  $("filters").addEventListener("toggle", () => $("filters").open && !facets && count());
  $("only").addEventListener("input", suggest);
  $("only").addEventListener("change", () => set({ only: $("only").value.trim() }));
  $("folder").addEventListener("change", () => set({ folder: $("folder").value }));
  $("tag").addEventListener("change", () =>
    set({ tag: [...tagsOf(state.read()), $("tag").value].filter(Boolean).join("\n") }),
  );
  for (const end of ["from", "to"]) {
    const slider = $(`${end}-slider`);
    $(end).addEventListener("change", () => {
      const day = $(end).value;
      // Who types 2019 passes the years 2, 20 and 201.
      if (!day || day > "1000") {
        setDay(end, day);
      }
    });
    slider.addEventListener("input", () => {
      $(end).value = textOf(Number(slider.value));
      tellDay(slider);
    });
    slider.addEventListener("change", () => setDay(end, textOf(Number(slider.value))));
  }
  $("quality").addEventListener("input", showChoices);
  $("quality").addEventListener("change", () => {
    const value = Number($("quality").value);
    set({ quality: value === 0 ? "" : String(value) });
  });
  $("filters-clear").addEventListener("click", () => {
    set({ only: "", folder: "", tag: "", from: "", to: "", quality: "" });
    $("filters").querySelector("summary").focus();
  });
}

/** One end of the days; the other goes along rather than stand before it. */
function setDay(end, day) {
  const other = end === "from" ? "to" : "from";
  const there = state.read()[other];
  const crossed = day && there && (end === "from" ? day > there : day < there);
  set({ [end]: day, ...(crossed ? { [other]: day } : {}) });
}
