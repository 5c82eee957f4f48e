// The page: which view is shown, and what all of them know.

import * as api from "./api.js";
import * as batch from "./batch.js";
import * as camera from "./camera.js";
import * as compare from "./compare.js";
import * as i18n from "./i18n.js";
import * as people from "./people.js";
import * as photo from "./photo.js";
import * as search from "./search.js";
import * as state from "./state.js";
import * as viewer from "./viewer.js";
import { $, onSubmit, setError, show, toast } from "./dialogs.js";

const { t } = i18n;

const VIEWS = { search, people, compare, photos: batch };

let info = null;
let progress = null;
let view = null;

const faces = () => progress?.faces ?? info?.faces ?? 0;

/** Shows what the address says. */
function route() {
  const settings = state.read();
  const wanted = settings.view in VIEWS ? settings.view : "search";
  for (const name of Object.keys(VIEWS)) {
    show($(`view-${name}`), name === wanted);
    const link = $(`nav-${name}`);
    name === wanted ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  document.title = `${t(`nav.${wanted}`)} · facesearch`;
  if (view !== null && view !== wanted) {
    window.scrollTo(0, 0);
  }
  view = wanted;
  VIEWS[wanted].open(settings);
}

function showGallery() {
  if (!info) {
    return;
  }
  $("gallery").textContent = t("gallery", {
    n: faces(),
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

async function galleryChanged() {
  info = await api.info();
  showGallery();
  await search.galleryChanged();
}

/** Photos go to the view that is open; many at once to where many are worked on. */
function given(files) {
  if (view === "compare" && files.length <= 2) {
    compare.take(files);
  } else if (view === "photos" || files.length > 1) {
    state.go({ view: "photos" });
    batch.take(files);
  } else {
    search.searchPhoto(files[0].file);
  }
}

function setUpControls() {
  const language = $("language");
  language.value = document.documentElement.lang;
  language.addEventListener("change", async () => {
    await i18n.choose(language.value);
    showGallery();
    search.showAll();
    people.showAll();
    batch.showAll();
    route();
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
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address holds the state of the page
    const headline = $("verdict").hidden ? $("matches") : $("headline");
    (view === "search" ? headline : document.querySelector(`#view-${view} h1`)).focus();
  });
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

/** The gallery that the address names; several are offered. */
async function chooseGallery() {
  const asked = new URLSearchParams(location.search).get("gallery");
  const { galleries, chosen } = await api.choose(asked);
  const select = $("galleries");
  select.replaceChildren(
    ...galleries.map(({ name }) => new Option(name, name, false, name === chosen.name)),
  );
  show($("galleries-part"), galleries.length > 1);
  select.addEventListener("change", () =>
    location.assign(`/?${new URLSearchParams({ gallery: select.value })}`),
  );
  if (chosen.name) {
    document.querySelector(".brand").href = `/?${new URLSearchParams({ gallery: chosen.name })}`;
  }
}

async function main() {
  await i18n.load(i18n.preferred());
  const readOnly = () => info?.readOnly;
  setUpToken();
  setUpControls();
  photo.setUp(given);
  camera.setUp((blob) =>
    search.searchPhoto(new File([blob], t("camera.name"), { type: blob.type })),
  );
  viewer.setUp(search.searchFace);
  compare.setUp();
  search.setUp({
    info: () => info,
    faces,
    galleryChanged,
    look: viewer.look,
    compare: compare.compareWith,
    person: people.goTo,
    suggest: people.suggest,
  });
  people.setUp({ readOnly, originals: () => info?.originals, galleryChanged, look: viewer.look, forget: search.askForget });
  batch.setUp({ readOnly, galleryChanged, limits: () => info?.limits });
  try {
    await chooseGallery();
    info = await api.info();
    search.setThreshold();
    search.showSamples();
    showGallery();
    api.watch(async (now) => {
      const before = progress;
      progress = now;
      if (before && before.faces !== now.faces && now.indexing.state !== "running") {
        info = await api.info();
      }
      if (before?.indexing.state === "running" && now.indexing.state !== "running") {
        info = await api.info();
        toast(t("indexing.done", { n: now.faces }));
        search.galleryChanged();
      }
      showGallery();
      search.showThreshold();
    });
  } catch (problem) {
    setError("error", problem instanceof api.Problem ? problem : new api.Problem(0, "page", problem.message));
  }
  state.watch(route);
  route();
  document.documentElement.dataset.ready = "true";
}

main();
