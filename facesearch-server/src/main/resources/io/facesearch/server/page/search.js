// The view that is searched in: holds what is searched and keeps everything shown in step with it.

import * as api from "./api.js";
import * as i18n from "./i18n.js";
import * as photo from "./photo.js";
import * as results from "./results.js";
import * as state from "./state.js";
import * as filters from "./filters.js";
import { saveCsv, saveJson, savePhotos, send } from "./files.js";
import { odds, verdict } from "./verdict.js";
import { $, confirm, make, onSubmit, setError, show, toast } from "./dialogs.js";

const { t } = i18n;

/** Of the page: {info, faces, galleryChanged, look, compare, person, suggest}. */
let page;

/** The photo: {file, url, size, faces, chosen}; kept while faces of the gallery are searched. */
let upload = null;

/** What is searched: {vector}, or {face} of the gallery with its person. */
let query = null;

/** The last answer: {result, milliseconds}. */
let answer = null;

let running = new AbortController();

const k = () => Number($("k").value);
const threshold = () => Number($("threshold").value);
const byPerson = () => state.read().show !== "nearest";

// Searching

function start() {
  running.abort();
  running = new AbortController();
  return running.signal;
}

async function guarded(work) {
  setError("error", null);
  try {
    await work();
  } catch (e) {
    if (e.name !== "AbortError") {
      setError("error", e instanceof api.Problem ? e : new api.Problem(0, "page", e.message));
    }
  }
}

export async function searchPhoto(file) {
  if (upload) {
    URL.revokeObjectURL(upload.url);
  }
  upload = null;
  query = null;
  answer = null;
  state.go({ ...state.read(), view: "search", face: "" });
  const signal = start();
  await guarded(async () => {
    const url = URL.createObjectURL(file);
    photo.showPhoto(url, file.name ?? "", t("photo.alt"));
    photo.showChoices([], -1);
    showAnswer();
    show($("busy"), true);
    document.body.dataset.search = "busy";
    try {
      const { file: sent, answer: found } = await send(
        file,
        page.info()?.limits,
        () => toast(t("photo.reencoded")),
        (one) => api.searchPhoto(one, k(), filters.wanted(), signal),
      );
      if (sent !== file) {
        photo.showPhoto(url, `${file.name} (${t("photo.reencoded")})`, t("photo.alt"));
      }
      upload = { file: sent, url, size: found.photo, faces: found.faces, chosen: found.searched };
      if (found.faces.length === 0) {
        throw new api.Problem(422, "no_face", "");
      }
      query = { vector: found.faces[found.searched].vector };
      answer = found;
      showUpload();
      showAnswer();
      window.scrollTo(0, 0);
    } finally {
      if (!signal.aborted) {
        show($("busy"), false);
        document.body.dataset.search = answer ? "answer" : "empty";
      }
    }
  });
}

async function searchAgain() {
  if (!query) {
    return;
  }
  const signal = start();
  await guarded(async () => {
    const { person, ...what } = query;
    answer = await api.searchBy({ ...what, ...filters.wanted() }, k(), signal);
    showAnswer();
  });
}

function chooseFace(i) {
  upload.chosen = i;
  query = { vector: upload.faces[i].vector };
  photo.markChoice(i);
  showFace();
  searchAgain();
}

/** Searches a face of the gallery, which the address then names. */
export function searchFace(face) {
  state.go({ ...state.read(), view: "search", face });
}

async function openFace(key) {
  query = { face: key, person: undefined };
  document.body.dataset.search = "answer";
  await guarded(async () => {
    const face = await api.face(key);
    if (query?.face !== key) {
      return;
    }
    query.person = face.person;
    photo.showPhoto(
      api.photoOf(key),
      t("photo.gallery", { person: face.person ?? t("nobody") }),
      "",
    );
    photo.showChoices([], -1);
    await searchAgain();
  });
}

function backToPhoto() {
  state.go({ ...state.read(), face: "" });
}

function openPhoto() {
  if (!upload?.faces.length) {
    start();
    query = null;
    answer = null;
    document.body.dataset.search = "empty";
    show($("photo"), false);
    show($("invite"), true);
    showAnswer();
    return;
  }
  photo.showPhoto(upload.url, upload.file.name ?? "", t("photo.alt"));
  query = { vector: upload.faces[upload.chosen].vector };
  showUpload();
  searchAgain();
}

/** What the address says. */
export function open(settings) {
  const wanted = Math.min(60, Math.max(1, Number.parseInt(settings.k, 10) || 12));
  const other = filters.open(settings) || wanted !== k();
  $("k").value = wanted;
  showK();
  for (const name of ["people", "nearest"]) {
    $(`show-${name}`).setAttribute("aria-pressed", String(byPerson() === (name === "people")));
  }
  if (settings.face !== (query?.face ?? "")) {
    settings.face ? openFace(settings.face) : openPhoto();
  } else if (other) {
    searchAgain();
  } else {
    showAnswer();
  }
}

// Showing

function showUpload() {
  photo.showChoices(upload.faces, upload.chosen, chooseFace);
  showFace();
}

function showFace() {
  photo.drawFaces(upload.size, upload.faces, upload.chosen, chooseFace);
  showVerdict();
}

function showVerdict() {
  const own = query?.vector != null && upload != null;
  show($("verdict"), query != null && answer != null);
  if (query == null || answer == null) {
    return;
  }
  if (own) {
    const said = verdict(upload.faces[upload.chosen], page.faces());
    $("verdict").dataset.kind = said.kind;
    $("headline").textContent = said.text;
    $("reason").textContent = said.reason ? t("verdict.but", { reason: said.reason }) : "";
  } else {
    $("verdict").dataset.kind = "gallery";
    $("headline").textContent = t("match.more-of", { person: query.person ?? t("nobody") });
    $("reason").textContent = "";
  }
  show($("reason"), $("reason").textContent !== "");
  $("odds").textContent = own && answer.result ? odds(answer.result.threshold) : "";
  const mayAdd = own && !page.info()?.readOnly;
  const named = mayAdd && upload.faces[upload.chosen].named;
  show($("open-add"), mayAdd);
  show($("take-name"), named);
  $("take-name").textContent = named ? t("add.named", { person: named }) : "";
  show($("look-upload"), own);
  show($("back"), !own && upload?.faces.length > 0);
}

export function showAnswer() {
  const matches = answer?.result?.matches ?? [];
  const items = matches.map((match) => ({ face: match.face }));
  results.showMatches(matches, byPerson(), {
    readOnly: page.info()?.readOnly,
    more: (match) => searchFace(match.face.id),
    look: (match) => page.look(items, items.findIndex((one) => one.face === match.face)),
    compare: (match) => page.compare(query, upload, match.face),
    person: (match) => page.person(match),
    forget: (match) =>
      match.face.person ? askForget(match.face.person) : askRemove(match.face.id),
  });
  $("summary").textContent = answer?.result
    ? results.summary(answer.result, answer.milliseconds, matches.length)
    : "";
  show($("matches-head"), matches.length > 0);
  show($("export"), matches.length > 0);
  show($("export-zip"), page.info()?.originals && matches.some((match) => match.face.photo));
  showVerdict();
  showThreshold();
}

export function showThreshold() {
  const info = page.info();
  if (!info) {
    return;
  }
  const value = threshold();
  $("threshold-value").textContent = results.distanceText(value);
  show($("threshold-reset"), value !== info.threshold.distance);
  $("rate").textContent = results.rateText(value, answer?.result?.threshold, info, page.faces());
  results.mark(value, info.threshold);
}

function showK() {
  $("k-value").textContent = i18n.number(k());
}

function exportAs(kind) {
  const shown = answer.result.matches.map((match) => ({
    person: match.face.person ?? "",
    distance: match.distance,
    decision: match.decision,
    source: match.face.source ?? "",
    face: match.face.id,
  }));
  if (kind === "json") {
    saveJson("matches.json", shown);
  } else {
    saveCsv("matches.csv", [Object.keys(shown[0]), ...shown.map((row) => Object.values(row))]);
  }
}

// Changing the gallery

function forgottenText(forgotten, person) {
  let text = t("forget.done", { n: forgotten.faces, person });
  if (forgotten.photosLeft > 0) {
    text += " " + t("forget.left", { n: forgotten.photosLeft });
  }
  if (forgotten.photosNotDeleted > 0) {
    text += " " + t("forget.not-deleted", { n: forgotten.photosNotDeleted });
  }
  return text;
}

/** Asks, forgets and shows the receipt. */
export function askForget(person, how, done) {
  confirm(
    t("forget.title", { person }),
    t(page.info().photos ? "forget.text-folder" : "forget.text", { person }),
    t("forget.do"),
    async () => {
      const forgotten = await (how ?? (() => api.forget(person)))();
      toast(forgottenText(forgotten, person));
      showReceipt(forgotten);
      await page.galleryChanged();
      done?.();
    },
  );
}

/** What was done, to be kept: it names nobody. */
function showReceipt({ person, ...receipt }) {
  $("receipt-list").replaceChildren(
    ...Object.entries(receipt).flatMap(([key, value]) => [
      make("dt", { textContent: t(`receipt.${key}`) }),
      make("dd", {
        className: "number",
        textContent: typeof value === "number" ? i18n.number(value) : value,
      }),
    ]),
  );
  $("receipt-save").onclick = () => saveJson("receipt.json", receipt);
  // The question closes first.
  setTimeout(() => $("receipt-dialog").showModal());
}

function askRemove(face) {
  confirm(t("remove.title"), t("remove.text"), t("remove.do"), async () => {
    await api.remove(face);
    toast(t("remove.done"));
    await page.galleryChanged();
  });
}

/** Searches again where the gallery is another now. */
export async function galleryChanged() {
  if (query?.face) {
    try {
      await api.face(query.face);
    } catch {
      state.go({ ...state.read(), face: "" });
      return;
    }
  }
  filters.refresh();
  const photoFaces = upload?.faces.length && query?.vector;
  await searchAgain();
  if (photoFaces) {
    await guarded(async () => {
      // Whom the other faces show may be another, too.
      const again = await api.identify(upload.file);
      again.faces.forEach((face, i) => {
        upload.faces[i].who = face.who;
      });
      showUpload();
    });
  }
}

function setUpAdding() {
  const dialog = $("add-dialog");
  $("add-person").addEventListener("input", page.suggest);
  $("take-name").addEventListener("click", () => {
    $("add-person").value = upload.faces[upload.chosen].named;
    $("open-add").click();
  });
  $("open-add").addEventListener("click", () => {
    const note = page.info().kept ? "add.note-kept" : "add.note-memory";
    $("add-note").textContent = t(note);
    setError("add-error", null);
    photo.drawFace($("add-face"), $("photo-image"), upload.faces[upload.chosen].box);
    dialog.showModal();
    page.suggest({ target: $("add-person") });
  });
  onSubmit(dialog, "add-error", async () => {
    const person = $("add-person").value.trim();
    const added = await api.add(upload.file, upload.chosen, person);
    $("add-person").value = "";
    toast(t("add.done", { person: added.face.person ?? t("nobody") }));
    await page.galleryChanged();
  });
}

// Setting up

/** The model's own threshold; the slider's steps start there, so that it can be reached exactly. */
export function setThreshold() {
  const slider = $("threshold");
  const own = page.info().threshold.distance;
  const step = Number(slider.step);
  slider.min = (own - Math.floor((own - 0.2) / step) * step).toFixed(4);
  slider.value = own;
  showThreshold();
}

export function showSamples() {
  const { samples } = page.info();
  show($("samples"), samples.length > 0);
  $("sample-list").replaceChildren(
    ...samples.map((name, i) => {
      const url = `/api/samples/${name}`; // of a server of one gallery
      const several = name === "several.jpg";
      const sample = make(
        "button",
        { type: "button", className: "sample" },
        make("img", { src: url, alt: "", width: several ? 88 : 44, height: 44 }),
        make("span", {
          className: "hidden",
          textContent: several ? t("samples.several") : t("samples.one", { n: i + 1 }),
        }),
      );
      sample.addEventListener("click", async () => {
        const response = await fetch(url);
        searchPhoto(new File([await response.blob()], name, { type: "image/jpeg" }));
      });
      return sample;
    }),
  );
}

/** Everything anew, in another language. */
export function showAll() {
  $("grid").replaceChildren();
  $("groups").replaceChildren();
  showK();
  filters.open(state.read());
  if (upload && query?.vector) {
    showUpload();
  }
  showAnswer();
}

export function setUp(actions) {
  page = actions;
  let timer = 0;
  $("k").addEventListener("input", () => {
    showK();
    clearTimeout(timer);
    timer = setTimeout(() => {
      state.note({ k: k() });
      searchAgain();
    }, 60);
  });
  filters.setUp(page.suggest);
  $("threshold").addEventListener("input", showThreshold);
  $("threshold-reset").addEventListener("click", () => {
    setThreshold();
    $("threshold").focus();
  });
  $("back").addEventListener("click", backToPhoto);
  for (const name of ["people", "nearest"]) {
    $(`show-${name}`).addEventListener("click", () =>
      state.go({ ...state.read(), show: name }),
    );
  }
  $("export-csv").addEventListener("click", () => exportAs("csv"));
  $("export-zip").addEventListener("click", () =>
    guarded(() => savePhotos(answer.result.matches.map((match) => match.face.id))),
  );
  $("export-json").addEventListener("click", () => exportAs("json"));
  $("look-upload").addEventListener("click", () =>
    page.look([{ upload, faces: upload.faces }], 0),
  );
  setUpAdding();
}
