// A photo as large as the screen, with all its faces outlined and named.

import * as api from "./api.js";
import { t } from "./i18n.js";
import { $, button, setError, show } from "./dialogs.js";
import { svg } from "./photo.js";
import { short } from "./verdict.js";

let items = [];
let at = 0;
let shown = 0;
let url = null;
let search;

/** Calls back with the key of a face that is to be searched. */
export function setUp(searchFace) {
  search = searchFace;
  const dialog = $("viewer");
  $("viewer-previous").addEventListener("click", () => step(-1));
  $("viewer-next").addEventListener("click", () => step(1));
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      step(event.key === "ArrowLeft" ? -1 : 1);
    }
  });
  dialog.addEventListener("close", release);
}

function release() {
  if (url) {
    URL.revokeObjectURL(url);
  }
  url = null;
  shown++;
  $("viewer-image").removeAttribute("src");
  $("viewer-overlay").replaceChildren();
}

/** Each item is {face} of the gallery, or {upload} with its faces. */
export function look(list, index) {
  items = list;
  at = index;
  $("viewer").showModal();
  load();
}

function step(by) {
  if (at + by >= 0 && at + by < items.length) {
    at += by;
    load();
  }
}

async function load() {
  release();
  const mine = shown;
  setError("viewer-error", null);
  $("viewer-names").replaceChildren();
  const item = items[at];
  show($("viewer-previous"), items.length > 1);
  show($("viewer-next"), items.length > 1);
  $("viewer-previous").disabled = at === 0;
  $("viewer-next").disabled = at === items.length - 1;
  $("viewer-count").textContent =
    items.length > 1 ? t("viewer.count", { n: at + 1, total: items.length }) : "";
  if (item.upload) {
    $("viewer-image").src = item.upload.url;
    $("viewer-image").alt = t("photo.alt");
    draw(
      item.upload.size,
      item.upload.faces.map((face) => ({ box: face.box, name: short(face) })),
    );
    return;
  }
  $("viewer-image").alt = t("match.photo", { person: item.face.person ?? t("nobody") });
  try {
    const [picture, others] = await Promise.all([
      api.picture(item.face.id),
      api.photoFaces(item.face.id),
    ]);
    if (mine !== shown) {
      return; // another is wanted by now
    }
    url = URL.createObjectURL(picture.blob);
    $("viewer-image").src = url;
    draw(
      picture.size,
      others.faces.map(({ face, box }) => ({
        box,
        name: face.person ?? t("nobody"),
        key: face.id,
        chosen: face.id === item.face.id,
      })),
    );
  } catch (problem) {
    if (mine === shown) {
      setError("viewer-error", problem);
    }
  }
}

function draw(size, faces) {
  const overlay = $("viewer-overlay");
  overlay.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  for (const face of faces.filter((one) => one.box)) {
    const { x, y, width, height } = face.box;
    const group = svg("g", { class: face.chosen ? "face chosen" : "face" });
    group.append(svg("rect", { x, y, width, height, rx: width / 16 }));
    const letters = Math.max(size.width, size.height) / 40;
    const label = svg("text", { x, y: Math.max(letters, y - letters / 3), "font-size": letters });
    label.textContent = face.name;
    group.append(label);
    overlay.append(group);
  }
  $("viewer-names").replaceChildren(
    ...faces.map((face) => {
      if (!face.key) {
        return Object.assign(document.createElement("span"), { textContent: face.name });
      }
      return button(
        face.name,
        "quiet small",
        () => {
          $("viewer").close();
          search(face.key);
        },
        t("match.more-of", { person: face.name }),
      );
    }),
  );
}
