// Two photos side by side: both faces aligned, their distance on a scale, what it means.

import * as api from "./api.js";
import * as state from "./state.js";
import { t, number } from "./i18n.js";
import { $, make, setError, show } from "./dialogs.js";
import { distanceText } from "./results.js";

/** Where the scale ends. */
const FARTHEST = 1.6;

/** Photos that are compared are this large at most: their faces are larger than the model's. */
const SIDE = 1600;

const SIDES = ["a", "b"];

/** Of photos: {blob, url}; faces of the gallery are in the address. */
const given = { a: null, b: null };

let asked = 0;

async function base64(blob) {
  const bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" }).catch(() => null);
  let sent = blob;
  if (bitmap && (blob.size > 1 << 20 || Math.max(bitmap.width, bitmap.height) > SIDE)) {
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = make("canvas", {
      width: Math.max(1, Math.round(bitmap.width * scale)),
      height: Math.max(1, Math.round(bitmap.height * scale)),
    });
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    sent = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
  }
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(new api.Problem(422, "image_unreadable", ""));
    reader.readAsDataURL(sent);
  });
}

/** One face of a photo, with so much around it that it is found again. */
export async function cut(file, box) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const side = Math.max(box.width, box.height) * 2;
  const left = Math.max(0, box.x + box.width / 2 - side / 2);
  const top = Math.max(0, box.y + box.height / 2 - side / 2);
  const width = Math.min(bitmap.width - left, side);
  const height = Math.min(bitmap.height - top, side);
  const canvas = make("canvas", { width: Math.round(width), height: Math.round(height) });
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, left, top, width, height, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function set(side, blob) {
  if (given[side]) {
    URL.revokeObjectURL(given[side].url);
  }
  given[side] = blob && { blob, url: URL.createObjectURL(blob) };
}

/** Opens the view with what was searched and a face of the gallery. */
export async function compareWith(query, upload, face) {
  const settings = { ...state.read(), view: "compare", a: query.face ?? "", b: face.id, face: "" };
  set("a", query.face ? null : await cut(upload.file, upload.faces[upload.chosen].box));
  set("b", null);
  state.go(settings);
}

/** Takes dropped or pasted photos: the first free side, else the second. */
export function take(files) {
  const settings = state.read();
  for (const { file } of files.slice(0, 2)) {
    const side = SIDES.find((one) => !given[one] && !settings[one]) ?? "b";
    set(side, file);
    settings[side] = "";
  }
  state.go({ ...settings, view: "compare" });
}

export async function open(settings) {
  const mine = ++asked;
  setError("compare-error", null);
  show($("compare-answer"), false);
  for (const side of SIDES) {
    if (settings[side]) {
      set(side, null);
    }
    const image = $(`compare-${side}`);
    const source = settings[side] ? api.photoOf(settings[side]) : given[side]?.url;
    image.classList.toggle("unseen", !source);
    if (source) {
      image.onerror = () => image.classList.add("unseen");
      image.src = source;
    }
    show($(`compare-${side}-chip`), false);
  }
  if (!SIDES.every((side) => settings[side] || given[side])) {
    return;
  }
  show($("compare-busy"), true);
  try {
    const both = await Promise.all(
      SIDES.map(async (side) =>
        settings[side] ? { face: settings[side] } : { photo: await base64(given[side].blob) },
      ),
    );
    const answer = await api.verify(...both);
    if (mine === asked) {
      showAnswer(answer);
    }
  } catch (problem) {
    if (mine === asked) {
      setError(
        "compare-error",
        problem instanceof api.Problem ? problem : new api.Problem(0, "page", problem.message),
      );
    }
  } finally {
    if (mine === asked) {
      show($("compare-busy"), false);
    }
  }
}

function showAnswer(answer) {
  if (answer.distance == null) {
    setError("compare-error", new api.Problem(422, "no_face", ""));
    return;
  }
  const chips = [answer.chips.first, answer.chips.second];
  SIDES.forEach((side, i) => {
    const chip = $(`compare-${side}-chip`);
    show(chip, chips[i] !== "");
    if (chips[i]) {
      const bytes = Uint8Array.from(atob(chips[i]), (c) => c.charCodeAt(0));
      const url = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
      chip.onload = () => URL.revokeObjectURL(url);
      chip.src = url;
    }
  });
  const { threshold, distance, decision } = answer;
  const others = (answer.firstFace?.otherFaces ?? 0) + (answer.secondFace?.otherFaces ?? 0);
  $("compare-answer").dataset.decision = decision;
  $("compare-verdict").textContent = t(`compare.${decision}`);
  $("compare-distance").textContent = t("compare.distance", {
    distance: distanceText(distance),
    same: distanceText(threshold.distance),
    different: distanceText(threshold.differentBeyond),
  });
  $("compare-odds").textContent =
    (threshold.falseAcceptRate < 1
      ? t("compare.odds", {
          count: number(1 / threshold.falseAcceptRate, { maximumSignificantDigits: 2 }),
        })
      : t("rate.not-calibrated")) + (others > 0 ? ` ${t("compare.others")}` : "");
  const scale = $("compare-scale");
  const at = (value) => `${Math.min(100, (value / FARTHEST) * 100)}%`;
  scale.style.setProperty("--same", at(threshold.distance));
  scale.style.setProperty("--different", at(Math.max(threshold.distance, threshold.differentBeyond)));
  scale.style.setProperty("--at", at(distance));
  show($("compare-answer"), true);
}

export function setUp() {
  for (const side of SIDES) {
    const file = $(`compare-${side}-file`);
    $(`compare-${side}-choose`).addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      if (file.files.length > 0) {
        set(side, file.files[0]);
        state.go({ ...state.read(), view: "compare", [side]: "" });
      }
      file.value = "";
    });
  }
}
