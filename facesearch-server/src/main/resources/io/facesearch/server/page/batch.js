// Many photos at once: who is in them, or all of them into the gallery.

import * as api from "./api.js";
import { t } from "./i18n.js";
import { folderOf, saveCsv, send } from "./files.js";
import { $, explain, make, show } from "./dialogs.js";
import { verdict } from "./verdict.js";

/** So many are sent at once: the server has others to serve. */
const AT_ONCE = 2;
const TRIES = 3;

/** So many thumbnails are drawn: each holds a photo's pixels. */
const THUMBNAILS = 1000;

/** Each {file, path, row, outcome, said, people}. */
let items = [];
let running = 0;
let stopped = true;
let signal = new AbortController();
let page;

const OUTCOMES = ["named", "unsure", "nobody", "added", "no-face", "failed", "waiting"];

export function take(files) {
  const photos = files.filter(
    ({ file }) => file.type.startsWith("image/") || /\.(heic|heif|tiff?|webp)$/i.test(file.name),
  );
  const others = files.length - photos.length;
  for (const { file, path } of photos) {
    const item = { file, path, outcome: "waiting", said: "", people: [] };
    item.row = row(item);
    items.push(item);
    $("batch-rows").append(item.row);
  }
  $("batch-others").textContent = others > 0 ? t("batch.others", { n: others }) : "";
  showState();
}

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) {
      watcher.unobserve(entry.target);
      draw(entry.target);
    }
  }
});

const files = new WeakMap();
let drawn = 0;

async function draw(canvas) {
  if (drawn++ > THUMBNAILS) {
    return;
  }
  const bitmap = await createImageBitmap(files.get(canvas), {
    imageOrientation: "from-image",
    resizeHeight: 40,
    resizeQuality: "medium",
  }).catch(() => null);
  if (bitmap) {
    canvas.width = Math.min(80, bitmap.width);
    canvas.getContext("2d").drawImage(bitmap, (canvas.width - bitmap.width) / 2, 0);
    bitmap.close();
  }
}

function row(item) {
  const canvas = make("canvas", { width: 40, height: 40, "aria-hidden": "true" });
  files.set(canvas, item.file);
  watcher.observe(canvas);
  return make(
    "tr",
    { dataset: { outcome: "waiting" } },
    make("td", {}, canvas),
    make("th", { scope: "row", textContent: item.path, dir: "auto" }),
    make("td", { className: "said", textContent: t("batch.waiting") }),
  );
}

function tell(item, outcome, said) {
  item.outcome = outcome;
  item.said = said;
  item.row.dataset.outcome = outcome;
  item.row.querySelector(".said").textContent = said;
  showState();
}

function showState() {
  const done = items.filter((item) => item.outcome !== "waiting").length;
  show($("batch-table"), items.length > 0);
  show($("batch-run"), items.length > 0);
  $("batch-bar").max = Math.max(1, items.length);
  $("batch-bar").value = done;
  $("batch-count").textContent = t("batch.count", { done, total: items.length });
  $("batch-kinds").replaceChildren(
    ...OUTCOMES.map((kind) => [kind, items.filter((item) => item.outcome === kind).length])
      .filter(([, n]) => n > 0)
      .map(([kind, n]) =>
        make("li", { dataset: { kind }, textContent: t(`batch.kind.${kind}`, { n }) }),
      ),
  );
  const busy = running > 0;
  show($("batch-stop"), busy);
  show($("batch-retry"), !busy && items.some((item) => item.outcome === "failed"));
  for (const id of ["batch-who", "batch-add", "batch-clear"]) {
    $(id).disabled = busy;
  }
  show($("batch-add"), !page.readOnly());
  show($("batch-as"), !page.readOnly());
  show($("batch-export"), items.some((item) => item.people.length > 0));
  $("batch-people").replaceChildren(...peopleTable());
}

/** Who is in how many of the photos. */
function counts() {
  const people = new Map();
  for (const item of items) {
    for (const name of new Set(item.people)) {
      people.set(name, (people.get(name) ?? 0) + 1);
    }
  }
  return [...people].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}

function peopleTable() {
  return counts().map(([name, n]) =>
    make(
      "li",
      {},
      make("span", { className: "name", textContent: name, dir: "auto" }),
      make("span", { className: "muted small", textContent: t("batch.in", { n }) }),
    ),
  );
}

/** A table of photos and people. */
function exportAll() {
  const people = counts().map(([name]) => name);
  saveCsv("photos-and-people.csv", [
    ["photo", "outcome", ...people],
    ...items.map((item) => [
      item.path,
      item.said,
      ...people.map((name) => item.people.filter((one) => one === name).length),
    ]),
  ]);
}

async function identify(item) {
  const { answer } = await send(
    item.file,
    page.limits(),
    () => {},
    (file) => api.identify(file, signal.signal),
  );
  if (answer.faces.length === 0) {
    tell(item, "no-face", t("batch.no-face"));
    return;
  }
  const said = answer.faces.map((face) => verdict(face, answer.gallerySize));
  item.people = answer.faces.flatMap((face) => (face.who.person ? [face.who.person] : []));
  const kinds = said.map((one) => one.kind);
  const outcome =
    item.people.length > 0 ? "named" : kinds.includes("unsure") ? "unsure" : "nobody";
  tell(item, outcome, said.map((one) => one.text).join(" · "));
}

const asWhom = () => document.querySelector("input[name=batch-as]:checked").value;

function nameFor(item) {
  const how = asWhom();
  return how === "folder"
    ? folderOf(item.path)
    : how === "name"
      ? $("batch-name").value.trim()
      : "";
}

/** Each face that the photo itself names, under that name. */
async function addNamed(item) {
  const { file, answer } = await send(
    item.file,
    page.limits(),
    () => {},
    (one) => api.identify(one, signal.signal),
  );
  const named = answer.faces.map(({ named }, i) => [i, named]).filter(([, name]) => name);
  for (const [i, name] of named) {
    const added = await api.add(file, i, name, signal.signal);
    item.people.push(added.face.person);
  }
  const person = item.people.join(", ");
  tell(
    item,
    person ? "added" : "nobody",
    person ? t("add.done", { person }) : t("batch.unnamed"),
  );
}

async function add(item) {
  if (asWhom() === "photo") {
    await addNamed(item);
    return;
  }
  const { answer } = await send(
    item.file,
    page.limits(),
    () => {},
    (file) => api.add(file, undefined, nameFor(item) || undefined, signal.signal),
  );
  const person = answer.face.person ?? t("nobody");
  item.people = answer.face.person ? [answer.face.person] : [];
  tell(item, "added", t("add.done", { person }));
}

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** Works on one photo; a busy server is asked again. */
async function work(item, how) {
  for (let attempt = 1; ; attempt++) {
    try {
      await how(item);
      return;
    } catch (problem) {
      if (problem.name === "AbortError") {
        return; // it waits on
      }
      if (problem.code === "no_face") {
        tell(item, "no-face", t("batch.no-face"));
        return;
      }
      if (problem.code === "busy" && attempt < TRIES) {
        await pause(1000 * attempt);
        continue;
      }
      tell(
        item,
        "failed",
        problem instanceof api.Problem ? explain(problem) : t("problem.image_unreadable"),
      );
      if (problem.code === "offline") {
        stop(); // all others would fail, too
      }
      return;
    }
  }
}

async function run(how, some) {
  signal = new AbortController();
  stopped = false;
  const waiting = [...some];
  waiting.forEach((item) => {
    item.people = [];
    tell(item, "waiting", t("batch.waiting"));
  });
  running++;
  const lane = async () => {
    while (!stopped && waiting.length > 0) {
      await work(waiting.shift(), how);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  running--;
  stopped = true;
  showState();
  if (how === add) {
    page.galleryChanged();
  }
}

function stop() {
  stopped = true;
  signal.abort();
}

let last = identify;

function begin(how) {
  last = how;
  return run(how, items);
}

export function open() {
  showState();
}

/** Everything anew, in another language. */
export function showAll() {
  showState();
}

export function setUp(actions) {
  page = actions;
  for (const id of ["batch-files", "batch-folder"]) {
    const input = $(id);
    $(`${id}-choose`).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      take([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
      input.value = "";
    });
  }
  $("batch-who").addEventListener("click", () => begin(identify));
  $("batch-add").addEventListener("click", () => {
    if (asWhom() === "name" && !$("batch-name").value.trim()) {
      $("batch-name").focus();
      return;
    }
    begin(add);
  });
  $("batch-stop").addEventListener("click", stop);
  $("batch-retry").addEventListener("click", () =>
    run(
      last,
      items.filter((item) => item.outcome === "failed" || item.outcome === "waiting"),
    ),
  );
  $("batch-clear").addEventListener("click", () => {
    items = [];
    drawn = 0;
    $("batch-rows").replaceChildren();
    showState();
  });
  $("batch-export").addEventListener("click", exportAll);
  $("batch-name").addEventListener("focus", () => {
    document.querySelector("input[name=batch-as][value=name]").checked = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (running > 0) {
      event.preventDefault();
    }
  });
}
