// The query page: holds what is searched and keeps everything shown in step with it.

import * as api from "./api.js";
import * as i18n from "./i18n.js";
import * as photo from "./photo.js";
import * as results from "./results.js";
import * as people from "./people.js";
import * as camera from "./camera.js";
import { $, confirm, make, onSubmit, setError, show, toast } from "./dialogs.js";

const { t } = i18n;

let info = null;
let progress = null;

/** The photo: {file, url, size, faces, chosen}; kept while faces of the gallery are searched. */
let upload = null;

/** What is searched: {vector}, or {face} of the gallery with its person. */
let query = null;

/** The last answer: {result, milliseconds}. */
let answer = null;

let running = new AbortController();

const k = () => Number($("k").value);
const threshold = () => Number($("threshold").value);

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

async function searchPhoto(file) {
  const signal = start();
  await guarded(async () => {
    if (info && file.size > info.limits.uploadBytes) {
      throw new api.Problem(413, "upload_too_large", "");
    }
    if (upload) {
      URL.revokeObjectURL(upload.url);
    }
    upload = null;
    query = null;
    answer = null;
    const url = URL.createObjectURL(file);
    photo.showPhoto(url, file.name ?? "", t("photo.alt"));
    photo.showChoices([], -1);
    photo.showQuality(null);
    showAnswer();
    show($("busy"), true);
    try {
      const found = await api.searchPhoto(file, k(), signal);
      upload = { file, url, size: found.photo, faces: found.faces, chosen: found.searched };
      if (found.faces.length === 0) {
        throw new api.Problem(422, "no_face", "");
      }
      query = { vector: found.faces[found.searched].vector };
      answer = found;
      showUpload();
      showAnswer();
    } finally {
      if (!signal.aborted) {
        show($("busy"), false);
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
    answer = await api.searchBy(what, k(), signal);
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

function searchFace(face, person) {
  query = { face, person };
  photo.showPhoto(api.photoOf(face), t("photo.gallery", { person: person ?? t("nobody") }), "");
  photo.showChoices([], -1);
  photo.showQuality(null);
  showActions();
  searchAgain();
  $("query-title").scrollIntoView({ block: "nearest" });
}

function backToPhoto() {
  photo.showPhoto(upload.url, upload.file.name ?? "", t("photo.alt"));
  query = { vector: upload.faces[upload.chosen].vector };
  showUpload();
  searchAgain();
}

// Showing

function showUpload() {
  photo.showChoices(upload.faces, upload.chosen, chooseFace);
  showFace();
}

function showFace() {
  photo.drawFaces(upload.size, upload.faces, upload.chosen, chooseFace);
  photo.showQuality(upload.faces[upload.chosen]);
  showActions();
}

function showActions() {
  const own = query?.vector != null;
  show($("query-actions"), query != null && (own || upload?.faces.length > 0));
  show($("open-add"), own && !info?.readOnly);
  show($("back"), !own && upload != null && upload.faces.length > 0);
}

function showAnswer() {
  const matches = answer?.result?.matches ?? [];
  results.showMatches(matches, {
    readOnly: info?.readOnly,
    more: (match) => searchFace(match.face.id, match.face.person),
    forget: (match) =>
      match.face.person ? askForget(match.face.person) : askRemove(match.face.id),
  });
  $("summary").textContent = answer?.result
    ? results.summary(answer.result, answer.milliseconds, matches.length)
    : "";
  showActions();
  showThreshold();
}

function showThreshold() {
  if (!info) {
    return;
  }
  const value = threshold();
  $("threshold-value").textContent = i18n.number(value, {
    minimumFractionDigits: 3,
    maximumFractionDigits: 3,
  });
  show($("threshold-reset"), value !== info.threshold.distance);
  const faces = progress?.faces ?? info.faces;
  $("rate").textContent = results.rateText(value, answer?.result?.threshold, info, faces);
  results.mark(value, info.threshold);
}

function showK() {
  $("k-value").textContent = i18n.number(k());
}

function showGallery() {
  if (!info) {
    return;
  }
  const faces = progress?.faces ?? info.faces;
  $("gallery").textContent = t("gallery", {
    n: faces,
    people: t("gallery.people", { n: info.people }),
  });
  const now = progress?.indexing ?? info.indexing;
  const running = now.state === "running";
  show($("indexing"), running || now.state === "failed");
  if (running) {
    $("indexing-bar").max = Math.max(1, now.filesTotal);
    $("indexing-bar").value = now.filesDone;
    $("indexing-text").textContent = t("indexing", {
      done: now.filesDone,
      total: now.filesTotal,
    });
  } else if (now.state === "failed") {
    $("indexing-text").textContent = t("indexing.failed", { reason: now.reason ?? "" });
  }
  show($("indexing-bar"), running);
}

// Changing the gallery

function askForget(person, done) {
  confirm(
    t("forget.title", { person }),
    t(info.photos ? "forget.text-folder" : "forget.text", { person }),
    t("forget.do"),
    async () => {
      const forgotten = await api.forget(person);
      let text = t("forget.done", { n: forgotten.faces, person });
      if (forgotten.photosLeft > 0) {
        text += " " + t("forget.left", { n: forgotten.photosLeft });
      }
      if (forgotten.photosNotDeleted > 0) {
        text += " " + t("forget.not-deleted", { n: forgotten.photosNotDeleted });
      }
      toast(text);
      await galleryChanged();
      done?.();
    },
  );
}

function askRemove(face) {
  confirm(t("remove.title"), t("remove.text"), t("remove.do"), async () => {
    await api.remove(face);
    toast(t("remove.done"));
    await galleryChanged();
  });
}

async function galleryChanged() {
  info = await api.info();
  showGallery();
  if (query?.face && answer && !(await stillThere(query.face))) {
    query = null;
    answer = null;
    showAnswer();
    show($("photo"), false);
    show($("invite"), true);
    return;
  }
  await searchAgain();
}

async function stillThere(face) {
  const response = await fetch(`/api/faces/${face}`);
  return response.ok;
}

function setUpAdding() {
  const dialog = $("add-dialog");
  $("open-add").addEventListener("click", async () => {
    const face = upload.faces[upload.chosen];
    photo.drawFace($("add-face"), $("photo-image"), face.box);
    $("add-note").textContent = t(info.kept ? "add.note-kept" : "add.note-memory");
    setError("add-error", null);
    dialog.showModal();
    $("add-person").focus();
    const known = await api.people("", 0, 500);
    $("known-people").replaceChildren(
      ...known.people.map((person) => make("option", { value: person.name })),
    );
  });
  onSubmit(dialog, "add-error", async () => {
    const person = $("add-person").value.trim();
    const added = await api.add(upload.file, upload.chosen, person);
    $("add-person").value = "";
    toast(t("add.done", { person: added.face.person ?? t("nobody") }));
    await galleryChanged();
  });
}

// Setting up

function setUpControls() {
  let timer = 0;
  $("k").addEventListener("input", () => {
    showK();
    clearTimeout(timer);
    timer = setTimeout(searchAgain, 60);
  });
  $("threshold").addEventListener("input", showThreshold);
  $("threshold-reset").addEventListener("click", () => {
    setThreshold();
    $("threshold").focus();
  });
  $("back").addEventListener("click", backToPhoto);

  const language = $("language");
  language.value = document.documentElement.lang;
  language.addEventListener("change", async () => {
    await i18n.choose(language.value);
    showAll();
  });
  const theme = $("theme");
  theme.value = document.documentElement.dataset.theme ?? "auto";
  theme.addEventListener("change", () => {
    if (theme.value === "auto") {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem("facesearch.theme");
    } else {
      document.documentElement.dataset.theme = theme.value;
      localStorage.setItem("facesearch.theme", theme.value);
    }
  });
}

/** The model's own threshold; the slider's steps start there, so that it can be reached exactly. */
function setThreshold() {
  const slider = $("threshold");
  const own = info.threshold.distance;
  const step = Number(slider.step);
  slider.min = (own - Math.floor((own - 0.2) / step) * step).toFixed(4);
  slider.value = own;
  showThreshold();
}

/** Everything anew, in another language. */
function showAll() {
  $("grid").replaceChildren();
  showK();
  showGallery();
  showAnswer();
  if (upload && query?.vector) {
    showUpload();
  }
}

function showSamples() {
  show($("samples"), info.samples.length > 0);
  $("sample-list").replaceChildren(
    ...info.samples.map((name, i) => {
      const url = `/api/samples/${name}`;
      const several = name === "several.jpg";
      const button = make(
        "button",
        { type: "button", className: "sample" },
        make("img", { src: url, alt: "", width: several ? 88 : 44, height: 44 }),
        make("span", {
          className: "hidden",
          textContent: several ? t("samples.several") : t("samples.one", { n: i + 1 }),
        }),
      );
      button.addEventListener("click", async () => {
        const response = await fetch(url);
        searchPhoto(new File([await response.blob()], name, { type: "image/jpeg" }));
      });
      return button;
    }),
  );
}

function setUpToken() {
  const dialog = $("token-dialog");
  let asking = null;
  dialog.addEventListener("cancel", (event) => event.preventDefault()); // nothing works without
  api.onTokenNeeded(() => {
    asking ??= new Promise((resolve) => {
      onSubmit(dialog, "token-error", async () => {
        await api.login($("token").value);
        $("token").value = "";
        asking = null;
        resolve();
      });
      dialog.showModal();
    });
    return asking;
  });
}

async function main() {
  await i18n.load(i18n.preferred());
  setUpToken();
  setUpControls();
  showK();
  photo.setUp(searchPhoto);
  camera.setUp((blob) => searchPhoto(new File([blob], t("camera.name"), { type: blob.type })));
  people.setUp({
    search: (person) => searchFace(person.face, person.name),
    readOnly: () => info?.readOnly,
    forget: (person, done) => askForget(person.name, done),
  });
  setUpAdding();
  await guarded(async () => {
    info = await api.info();
    setThreshold();
    showSamples();
    showGallery();
    showAnswer();
    api.watch(async (now) => {
      const before = progress;
      progress = now;
      if (before && before.faces !== now.faces && now.indexing.state !== "running") {
        info = await api.info();
      }
      if (before?.indexing.state === "running" && now.indexing.state !== "running") {
        info = await api.info();
        toast(t("indexing.done", { n: now.faces }));
        searchAgain();
      }
      showGallery();
      showThreshold();
    });
  });
  document.documentElement.dataset.ready = "true";
}

main();
