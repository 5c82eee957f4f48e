// Who is in the gallery: a list of any length, and one person with all faces, to be corrected.

import * as api from "./api.js";
import * as state from "./state.js";
import { t } from "./i18n.js";
import { saveCsv, savePhotos } from "./files.js";
import { $, button, confirm, explain, make, setError, show, toast } from "./dialogs.js";
import { distanceText } from "./results.js";

/** Height of a row of the list, pixels; style.css says the same. */
const ROW = 72;
const WIDTH = 300;
const AROUND = 3;
const PAGE = 200;
const FACES = 60;

/** Of the page: {readOnly, forget, galleryChanged, look}. */
let page;

// The list: rows that can be seen, of a list as long as the gallery has people

let total = 0;
let named = 0;
let pages = new Map();
let listed = 0;
const rows = new Map();

function forgetList() {
  listed++;
  pages = new Map();
  rows.forEach((row) => row.remove());
  rows.clear();
}

async function ask(index) {
  const number = Math.floor(index / PAGE);
  if (pages.has(number)) {
    return;
  }
  const mine = listed;
  pages.set(number, null);
  try {
    const answer = await api.groups($("people-filter").value, number * PAGE, PAGE);
    if (mine !== listed) {
      return;
    }
    pages.set(number, answer.groups);
    total = answer.total;
    named = answer.named;
    $("people-list").style.height = `${Math.ceil(total / columns()) * ROW}px`;
    show($("people-nameless"), named > 0 && named < total);
    $("people-count").textContent = answer.grouped
      ? t("people.counts", {
          n: answer.named,
          nameless: t("people.nameless", { n: answer.total - answer.named }),
        })
      : t("people.grouping");
    if (!answer.grouped) {
      setTimeout(() => mine === listed && current() && reload(), 2000);
    }
    render();
  } catch (problem) {
    if (mine === listed) {
      pages.delete(number);
      setError("people-error", problem);
    }
  }
}

const current = () => {
  const settings = state.read();
  return settings.view === "people" && !settings.person;
};

function reload() {
  setError("people-error", null);
  forgetList();
  return ask(0);
}

const columns = () => Math.max(1, Math.floor($("people-list").clientWidth / WIDTH));
let drawn = 0;

function render() {
  if (!current()) {
    return;
  }
  const list = $("people-list");
  const beside = columns();
  if (beside !== drawn) {
    drawn = beside;
    list.style.height = `${Math.ceil(total / beside) * ROW}px`;
    rows.forEach((row) => row.remove());
    rows.clear();
  }
  const top = list.getBoundingClientRect().top;
  const first = Math.max(0, Math.floor(-top / ROW) - AROUND) * beside;
  const last = Math.min(total, (Math.ceil((window.innerHeight - top) / ROW) + AROUND) * beside);
  // In their order, so that Tab goes on to the next; one that has the focus stays, wherever it is.
  let next = null;
  for (const [index, row] of rows) {
    if ((index < first || index >= last) && !row.contains(document.activeElement)) {
      row.remove();
      rows.delete(index);
    } else if (index >= last) {
      next = row;
    }
  }
  for (let index = last - 1; index >= first; index--) {
    const group = pages.get(Math.floor(index / PAGE))?.[index % PAGE];
    if (!group) {
      ask(index);
    } else if (!rows.has(index)) {
      const row = entry(group, index, beside);
      rows.set(index, row);
      list.insertBefore(row, next);
    }
    next = rows.get(index) ?? next;
  }
}

function face(key, size) {
  const picture = make("img", {
    src: api.photoOf(key),
    alt: "",
    width: size,
    height: size,
    loading: "lazy",
  });
  picture.addEventListener("error", () => picture.classList.add("unseen"));
  return picture;
}

const nameOf = (group) => group.name ?? t("person.nameless");

function entry(group, index, beside) {
  const link = make(
    "a",
    { href: state.address({ view: "people", person: group.id }) },
    face(group.face, 56),
    make(
      "span",
      { className: "grow" },
      make("span", { className: "name", textContent: nameOf(group), dir: "auto" }),
      make("span", {
        className: "muted small",
        textContent: t("people.faces", { n: group.faces }),
      }),
    ),
  );
  const row = make("li", { "aria-setsize": total, "aria-posinset": index + 1 }, link);
  row.style.top = `${Math.floor(index / beside) * ROW}px`;
  row.style.left = `${((index % beside) * 100) / beside}%`;
  row.style.width = `${100 / beside}%`;
  return row;
}

// One person

let person = null;
let faces = [];
let all = 0;
let opened = 0;
let chosen = new Set();

async function openPerson(id) {
  const mine = ++opened;
  setError("person-error", null);
  person = null;
  faces = [];
  all = 0;
  chosen = new Set();
  $("person-faces").replaceChildren();
  $("similar-list").replaceChildren();
  show($("similar"), false);
  show($("person-tools"), false);
  $("person-title").textContent = "";
  try {
    const group = await api.group(id);
    if (mine !== opened) {
      return;
    }
    person = group;
    showPerson();
    await more();
    const { groups } = await api.similar(id);
    if (mine === opened) {
      showSimilar(groups);
    }
  } catch (problem) {
    if (mine === opened) {
      setError("person-error", problem);
    }
  }
}

function showPerson() {
  $("person-title").textContent = nameOf(person);
  $("person-count").textContent = t("people.faces", { n: person.faces });
  $("person-name").value = person.name ?? "";
  $("person-save").textContent = t(person.name ? "person.rename" : "person.name");
  show($("person-tools"), page.originals());
  for (const id of ["person-form", "person-forget"]) {
    show($(id), !page.readOnly());
  }
  showChosen();
}

let loading = false;

async function more() {
  if (loading || !person || (all > 0 && faces.length >= all)) {
    return;
  }
  loading = true;
  const mine = opened;
  try {
    const answer = await api.groupFaces(person.id, faces.length, FACES);
    if (mine !== opened) {
      return;
    }
    all = answer.total;
    const start = faces.length;
    faces.push(...answer.faces);
    $("person-faces").append(...answer.faces.map((one, i) => faceCard(one, start + i)));
  } catch (problem) {
    if (mine === opened) {
      setError("person-error", problem);
    }
  } finally {
    loading = false;
  }
  // A tall screen shows more than a page.
  if (mine === opened && faces.length < all && isNear($("person-end"))) {
    await more();
  }
}

const isNear = (element) => element.getBoundingClientRect().top < window.innerHeight + 600;

function faceCard(one, index) {
  const id = `face-${index}`;
  const box = make("input", { type: "checkbox", id });
  box.addEventListener("change", () => {
    box.checked ? chosen.add(one.face.id) : chosen.delete(one.face.id);
    showChosen();
  });
  const look = make("button", { type: "button", className: "look" }, face(one.face.id, 160));
  look.setAttribute("aria-label", t("match.look", { person: nameOf(person) }));
  look.addEventListener("click", () => page.look(faces, index));
  return make(
    "li",
    { className: one.doubtful ? "tile doubtful" : "tile", dataset: { face: one.face.id } },
    look,
    make(
      "label",
      { htmlFor: id, className: "small" },
      page.readOnly() ? null : box,
      make("span", {
        textContent: one.doubtful
          ? t("person.doubtful", { distance: distanceText(one.distance) })
          : distanceText(one.distance),
        className: "number",
        title: t("match.distance"),
      }),
    ),
  );
}

function showChosen() {
  show($("chosen"), chosen.size > 0);
  $("chosen-count").textContent = t("person.chosen", { n: chosen.size });
  $("chosen-not").textContent = person?.name
    ? t("person.not", { person: person.name })
    : t("person.split");
  show($("chosen-yes"), person?.name != null);
  $("chosen-yes").textContent = person?.name ? t("person.yes", { person: person.name }) : "";
}

function showSimilar(groups) {
  show($("similar"), groups.length > 0 && !page.readOnly());
  $("similar-title").textContent = person.name
    ? t("similar.title", { person: person.name })
    : t("similar.title-nameless");
  $("similar-list").replaceChildren(
    ...groups.map((other) => {
      const item = make(
        "li",
        {},
        make(
          "a",
          { href: state.address({ view: "people", person: other.id }) },
          face(other.face, 56),
          make(
            "span",
            { className: "grow" },
            make("span", { className: "name", textContent: nameOf(other), dir: "auto" }),
            make("span", {
              className: "muted small",
              textContent: t("people.faces", { n: other.faces }),
            }),
          ),
        ),
        button(t("similar.yes"), "primary", () =>
          correct(() => api.correct(person.id, "merge", { other: other.id }), t("similar.merged")),
        ),
        button(t("similar.no"), "", () =>
          correct(() => api.correct(person.id, "apart", { other: other.id }), t("similar.refused")),
        ),
      );
      return item;
    }),
  );
}

/** Corrects, says so with a way back, and shows who it is now. */
async function correct(work, said) {
  setError("person-error", null);
  let done;
  try {
    done = await work();
  } catch (problem) {
    setError("person-error", problem);
    return;
  }
  const before = person.id;
  toast(said, async () => {
    try {
      await api.undo(done.correction);
      toast(t("undone"));
      await page.galleryChanged();
      state.go({ ...state.read(), view: "people", person: before });
      openPerson(before);
    } catch (problem) {
      toast(explain(problem));
    }
  });
  await page.galleryChanged();
  const now = done.group?.id ?? before;
  if (now !== state.read().person && state.read().view === "people") {
    state.note({ person: now });
  }
  if (state.read().view === "people") {
    await openPerson(now);
  }
}

/** A name that somebody has already makes two people one: that is asked first. */
async function rename(name) {
  const { id } = person;
  const work = (said) => correct(() => api.correct(id, "name", { name }), said);
  let known;
  try {
    known = (await api.people(name, 0, 1000)).people.find((one) => one.name === name);
  } catch (problem) {
    setError("person-error", problem);
    return;
  }
  if (known) {
    confirm(
      t("merge.title", { person: name }),
      t("merge.text", { person: name, faces: t("people.faces", { n: known.faces }) }),
      t("merge.do"),
      () => work(t("similar.merged")),
    );
  } else {
    work(t(person.name ? "person.renamed" : "person.named", { person: name }));
  }
}

const chosenIds = () => [...chosen];

async function moveChosen(name) {
  const ids = chosenIds();
  await stay(() => api.move(ids, name), t("person.moved", { n: ids.length, person: name }));
}

/** Corrects some faces, and stays with the person that they were of, if it is still there. */
function stay(work, said) {
  const here = person.id;
  return correct(async () => {
    const done = await work();
    const left = await api.group(here).catch(() => null);
    return { ...done, group: left ?? done.group };
  }, said);
}

let suggested = 0;

/** Names that the gallery has, for the field that is typed in. */
export async function suggest({ target }) {
  const mine = ++suggested;
  const known = await api.people(target.value, 0, 8);
  if (mine === suggested) {
    $("known-people").replaceChildren(
      ...known.people.map((one) => make("option", { value: one.name })),
    );
  }
}

// What the page uses

export function open(settings) {
  show($("people-all"), !settings.person);
  show($("person"), settings.person !== "");
  if (settings.person) {
    if (person?.id !== settings.person) {
      openPerson(settings.person);
    }
  } else {
    person = null;
    reload();
  }
}

/** Goes to the person of a match. */
export async function goTo(match) {
  const { person: name } = match.face;
  if (!name) {
    state.go({ view: "people", person: match.group });
    return;
  }
  for (let offset = 0; ; offset += 1000) {
    const { groups, total: found } = await api.groups(name, offset, 1000);
    const exact = groups.find((group) => group.name === name);
    if (exact || offset + groups.length >= found || groups.length === 0) {
      state.go({ view: "people", person: exact?.id ?? "" });
      return;
    }
  }
}

export function showAll() {
  if (current()) {
    reload();
  } else if (person) {
    const { id } = person;
    person = null;
    openPerson(id);
  }
}

async function exportAll() {
  const listedAll = [["person", "faces", "id"]];
  for (let offset = 0; ; ) {
    const answer = await api.groups($("people-filter").value, offset, 1000);
    answer.groups.forEach((group) => listedAll.push([group.name ?? "", group.faces, group.id]));
    offset += answer.groups.length;
    if (offset >= answer.total || answer.groups.length === 0) {
      break;
    }
  }
  saveCsv("people.csv", listedAll);
}

/** All photos of the person, also those that were not scrolled to. */
async function exportPerson() {
  setError("person-error", null);
  try {
    const keys = [];
    for (let rest = 1; rest > 0; ) {
      const answer = await api.groupFaces(person.id, keys.length, 1000);
      keys.push(...answer.faces.map((one) => one.face.id));
      rest = answer.faces.length > 0 ? answer.total - keys.length : 0;
    }
    await savePhotos(keys);
  } catch (problem) {
    setError("person-error", problem);
  }
}

export function setUp(actions) {
  page = actions;
  let frame = 0;
  const moved = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      render();
      if (person && isNear($("person-end"))) {
        more();
      }
    });
  };
  window.addEventListener("scroll", moved, { passive: true });
  window.addEventListener("resize", moved);
  let timer = 0;
  $("people-filter").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(reload, 120);
  });
  $("people-export").addEventListener("click", exportAll);
  $("people-nameless").addEventListener("click", async () => {
    const { top } = $("people-list").getBoundingClientRect();
    window.scrollBy(0, top + Math.floor(named / columns()) * ROW - ROW);
    await ask(named);
    render();
    rows.get(named)?.firstChild.focus({ preventScroll: true });
  });
  for (const id of ["person-name", "chosen-name"]) {
    $(id).addEventListener("input", suggest);
    $(id).addEventListener("focus", suggest);
  }
  $("person-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = $("person-name").value.trim();
    if (name && name !== person.name) {
      rename(name);
    }
  });
  $("chosen-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = $("chosen-name").value.trim();
    if (name) {
      moveChosen(name);
    }
  });
  $("chosen-yes").addEventListener("click", () => moveChosen(person.name));
  $("chosen-not").addEventListener("click", () => {
    const ids = chosenIds();
    stay(
      () => api.correct(person.id, "split", { faces: ids }),
      t("person.apart", { n: ids.length }),
    );
  });
  $("person-search").addEventListener("click", () =>
    state.go({ view: "search", face: person.face }),
  );
  $("person-zip").addEventListener("click", exportPerson);
  $("person-forget").addEventListener("click", () => {
    const { id } = person;
    page.forget(nameOf(person), () => api.forgetGroup(id), () => state.go({ view: "people" }));
  });
}
