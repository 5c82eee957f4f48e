// Files: what a drop holds, what a server would refuse, what is saved.

import * as api from "./api.js";

/** The longer side of a photo that is made anew here. */
const LARGEST = 4096;

/** So many photos are asked for at once. */
const PHOTOS = 1000;

/** Too large, or of a kind that the server does not read; TIFF it reads better than browsers. */
const needsWork = (file, limits) =>
  file.size > (limits?.uploadBytes ?? Infinity) || /^image\/(hei[cf]|avif|svg)/.test(file.type);

/** A photo as JPEG, upright, so small that it is taken; without all that is no pixel. */
async function encode(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LARGEST / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
  return new File([blob], file.name, { type: "image/jpeg" });
}

/**
 * Sends a photo; one that the server would refuse, or did refuse for its kind or size, is encoded
 * anew first if this browser reads it. Calls {@code told} before that.
 */
export async function send(file, limits, told, request) {
  let sent = file;
  let again = false;
  if (needsWork(file, limits)) {
    sent = await encode(file).catch(() => null);
    again = sent != null;
    if (!again && file.size > (limits?.uploadBytes ?? Infinity)) {
      throw new api.Problem(413, "upload_too_large", "");
    }
    if (again) {
      told();
    }
    sent ??= file;
  }
  try {
    return { file: sent, answer: await request(sent) };
  } catch (problem) {
    if (again || !["image_unreadable", "upload_too_large"].includes(problem.code)) {
      throw problem;
    }
    const made = await encode(file).catch(() => null);
    if (made == null) {
      throw problem;
    }
    told();
    return { file: made, answer: await request(made) };
  }
}

/** All files of a drop, those in folders too; each has {file, path}. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.every((entry) => entry.isFile)) {
    return [...transfer.files].map((file) => ({ file, path: file.name }));
  }
  const found = [];
  const walk = async (entry, path) => {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      found.push({ file, path: path + file.name });
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) {
        return; // browsers give a hundred at a time
      }
      for (const one of some) {
        await walk(one, `${path}${entry.name}/`);
      }
    }
  };
  for (const entry of entries) {
    await walk(entry, "");
  }
  return found;
}

/** The last folder of a path, or nothing. */
export const folderOf = (path) => path.split("/").at(-2) ?? "";

/** A table as CSV of RFC 4180; a spreadsheet takes no cell for a formula. */
export function csv(rows) {
  const cell = (value) => {
    let text = String(value ?? "");
    if (typeof value !== "number" && /^[=+\-@\t\r]/.test(text)) {
      text = `'${text}`;
    }
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

export function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The photos of faces as an archive; more than the server takes at once come in several. */
export async function savePhotos(faces) {
  for (let at = 0; at < faces.length; at += PHOTOS) {
    save("photos.zip", "application/zip", await api.photos(faces.slice(at, at + PHOTOS)));
  }
}

export const saveCsv = (name, rows) => save(name, "text/csv;charset=utf-8", `\ufeff${csv(rows)}`);
export const saveJson = (name, value) =>
  save(name, "application/json", JSON.stringify(value, null, 2));
