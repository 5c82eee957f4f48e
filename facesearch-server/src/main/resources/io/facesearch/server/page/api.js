// The REST interface; see /api/openapi.json.

export class Problem extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

let askForToken = async () => false;

/** What to do when the server wants its token: resolves when it was given. */
export function onTokenNeeded(ask) {
  askForToken = ask;
}

async function raw(method, path, { body, type, signal } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      body,
      signal,
      headers: type ? { "Content-Type": type } : {},
    });
  } catch (e) {
    if (e.name === "AbortError") {
      throw e;
    }
    throw new Problem(0, "offline", String(e));
  }
  if (response.status === 401 && path !== "/api/session") {
    await askForToken();
    return raw(method, path, { body, type, signal });
  }
  if (!response.ok) {
    let problem = {};
    try {
      problem = await response.json();
    } catch {
      // An answer of a proxy, perhaps: the status has to do.
    }
    throw new Problem(response.status, problem.code ?? "internal", problem.detail ?? "");
  }
  return response;
}

async function request(method, path, how) {
  const response = await raw(method, path, how);
  return response.status === 204 ? null : response.json();
}

const json = (value, signal) => ({ body: JSON.stringify(value), type: "application/json", signal });

const photo = (file, signal) => ({
  body: file,
  type: file.type.startsWith("image/") ? file.type : "application/octet-stream",
  signal,
});

/** Lists are said one by one. */
const query = (values) =>
  new URLSearchParams(
    Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [value].flat().map((one) => [key, one]),
    ),
  ).toString();

/** What paths of the gallery begin with. */
let base = "/api";

/** Asks for the galleries, and chooses one by its name: {galleries, chosen}. */
export async function choose(name) {
  const { galleries } = await request("GET", "/api/galleries");
  const chosen = name ? galleries.find((one) => one.name === name) : galleries[0];
  if (!chosen) {
    throw new Error(`no gallery of that name: ${name}`);
  }
  base = chosen.path;
  return { galleries, chosen };
}

export const info = () => request("GET", `${base}/info`);

export const searchPhoto = (file, k, filters, signal) =>
  request(
    "POST",
    `${base}/search?${query({ ...filters, k, vectors: true })}`,
    photo(file, signal),
  );

export const facets = (filters) => request("GET", `${base}/facets?${query(filters)}`);

/** By {vector} or by {face}. */
export const searchBy = (what, k, signal) =>
  request("POST", `${base}/search`, json({ ...what, k }, signal));

export const identify = (file, signal) => request("POST", `${base}/identify`, photo(file, signal));

/** Each side is {face} or {photo}, in Base64. */
export const verify = (first, second, signal) =>
  request("POST", `${base}/verify`, json({ first, second, chips: 1 }, signal));

export const add = (file, face, person, signal) =>
  request("POST", `${base}/faces?${query({ face, person })}`, photo(file, signal));

export const face = (key) => request("GET", `${base}/faces/${key}`);

export const remove = (key) => request("DELETE", `${base}/faces/${key}`);

export const photoFaces = (key) => request("GET", `${base}/faces/${key}/photo-faces`);

export const people = (q, offset, limit) =>
  request("GET", `${base}/people?${query({ q, offset, limit })}`);

export const forget = (person) => request("DELETE", `${base}/people?${query({ person })}`);

export const groups = (q, offset, limit) =>
  request("GET", `${base}/groups?${query({ q, offset, limit })}`);

export const group = (id) => request("GET", `${base}/groups/${id}`);

export const groupFaces = (id, offset, limit) =>
  request("GET", `${base}/groups/${id}/faces?${query({ offset, limit })}`);

export const similar = (id) => request("GET", `${base}/groups/${id}/similar`);

export const forgetGroup = (id) => request("DELETE", `${base}/groups/${id}`);

/** Corrects a person: by name, merge, split or apart. */
export const correct = (id, how, value) => request("POST", `${base}/groups/${id}/${how}`, json(value));

export const move = (faces, name) => request("POST", `${base}/move`, json({ faces, name }));

export const undo = (correction) => request("POST", `${base}/undo`, json({ correction }));

export const login = (token) => request("POST", "/api/session", json({ token }));

/** The whole photo of a face: {blob, size}. */
export async function picture(key) {
  const response = await raw("GET", `${base}/faces/${key}/picture`);
  const [width, height] = response.headers.get("Photo-Size").split("x").map(Number);
  return { blob: await response.blob(), size: { width, height } };
}

/** An archive of the photos of some faces. */
export async function photos(faces) {
  const response = await raw("POST", `${base}/photos/zip`, json({ faces }));
  return response.blob();
}

export const photoOf = (key) => `${base}/faces/${key}/photo`;

/** Calls back with each change of the gallery; the browser reconnects by itself. */
export function watch(changed) {
  const source = new EventSource(`${base}/events`);
  source.addEventListener("progress", (event) => changed(JSON.parse(event.data)));
}
