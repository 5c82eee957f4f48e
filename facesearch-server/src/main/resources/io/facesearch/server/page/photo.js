// The photo that is searched with: where it comes from, its faces, their quality.

import { t } from "./i18n.js";
import { $, make, show } from "./dialogs.js";
import { dropped } from "./files.js";
import { short } from "./verdict.js";

const SVG = "http://www.w3.org/2000/svg";

/** Calls back with photos that are dropped, chosen or pasted, each {file, path}. */
export function setUp(given) {
  const drop = $("drop");
  const file = $("file");
  $("choose").addEventListener("click", () => file.click());
  drop.addEventListener("click", (event) => {
    if (!event.target.closest("[data-face]")) {
      file.click();
    }
  });
  file.addEventListener("change", () => {
    if (file.files.length > 0) {
      given([...file.files].map((one) => ({ file: one, path: one.name })));
    }
    file.value = ""; // or the same file could not be chosen again
  });

  let depth = 0;
  const isFile = (event) => event.dataTransfer?.types.includes("Files");
  window.addEventListener("dragenter", (event) => {
    if (isFile(event)) {
      depth++;
      drop.classList.add("over");
    }
  });
  window.addEventListener("dragleave", (event) => {
    if (isFile(event) && --depth <= 0) {
      depth = 0;
      drop.classList.remove("over");
    }
  });
  window.addEventListener("dragover", (event) => event.preventDefault());
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    drop.classList.remove("over");
    if (event.dataTransfer?.files.length > 0) {
      dropped(event.dataTransfer).then((files) => files.length > 0 && given(files));
    }
  });
  window.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const image = files.find((one) => one.type.startsWith("image/")) ?? files[0];
    if (image) {
      event.preventDefault();
      given([{ file: image, path: image.name }]);
    }
  });
}

export function showPhoto(url, caption, alt) {
  const image = $("photo-image");
  show($("invite"), false);
  show($("photo"), true);
  image.classList.remove("unseen");
  image.onerror = () => image.classList.add("unseen"); // such as TIFF, which browsers do not show
  image.src = url;
  image.alt = alt;
  $("photo-caption").textContent = caption;
  $("overlay").replaceChildren();
}

export function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  return element;
}

/** Draws boxes and landmarks on the photo; a click on a box chooses its face. */
export function drawFaces(size, faces, chosen, choose) {
  const overlay = $("overlay");
  overlay.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  overlay.replaceChildren();
  faces.forEach((face, i) => {
    const group = svg("g", { class: i === chosen ? "face chosen" : "face", "data-face": i });
    const { x, y, width, height } = face.box;
    group.append(svg("rect", { x, y, width, height, rx: width / 16 }));
    if (i === chosen) {
      for (const [px, py] of face.landmarks) {
        group.append(svg("path", { d: `M${px} ${py}h0` })); // a dot, whatever the scale
      }
    }
    if (faces.length > 1) {
      const label = svg("text", { x: x + width / 14, y: y + width / 5, "font-size": width / 6 });
      label.textContent = i + 1;
      group.append(label);
      group.addEventListener("click", () => choose(i));
    }
    overlay.append(group);
  });
}

/** Draws one face of the photo, with a margin. */
export function drawFace(canvas, image, box) {
  const side = Math.max(box.width, box.height) * 1.4;
  const x = box.x + box.width / 2 - side / 2;
  const y = box.y + box.height / 2 - side / 2;
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, x, y, side, side, 0, 0, canvas.width, canvas.height);
}

/** One radio button a face, if there are several. */
export async function showChoices(faces, chosen, choose) {
  show($("faces"), faces.length > 1);
  const image = $("photo-image");
  const drawn = image.decode().then(
    () => true,
    () => false,
  );
  const list = $("face-list");
  list.replaceChildren();
  if (faces.length < 2) {
    return;
  }
  faces.forEach((face, i) => {
    const canvas = make("canvas", { width: 112, height: 112 });
    canvas.setAttribute("aria-hidden", "true");
    drawn.then((seen) => seen && drawFace(canvas, image, face.box));
    const radio = make("input", { type: "radio", name: "face", value: i, checked: i === chosen });
    radio.addEventListener("change", () => choose(i));
    const name = make("span", { className: "hidden", textContent: t("faces.one", { n: i + 1 }) });
    const who = make("span", { className: "who", textContent: short(face), dir: "auto" });
    list.append(make("label", { className: "pick" }, radio, canvas, name, who));
  });
}

/** Marks the chosen face without drawing everything anew. */
export function markChoice(chosen) {
  const radio = $("face-list").querySelectorAll("input")[chosen];
  if (radio) {
    radio.checked = true;
  }
}
