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

const query = (values) =>
  new URLSearchParams(Object.entries(values).filter(([, v]) => v !== undefined)).toString();

export const info = () => request("GET", "/api/info");

export const searchPhoto = (file, k, person, signal) =>
  request("POST", `/api/search?${query({ k, person, vectors: true })}`, photo(file, signal));

/** By {vector} or by {face}. */
export const searchBy = (what, k, signal) =>
  request("POST", "/api/search", json({ ...what, k }, signal));

export const identify = (file, signal) => request("POST", "/api/identify", photo(file, signal));

/** Each side is {face} or {photo}, in Base64. */
export const verify = (first, second, signal) =>
  request("POST", "/api/verify", json({ first, second, chips: 1 }, signal));

export const add = (file, face, person, signal) =>
  request("POST", `/api/faces?${query({ face, person })}`, photo(file, signal));

export const face = (key) => request("GET", `/api/faces/${key}`);

export const remove = (key) => request("DELETE", `/api/faces/${key}`);

export const photoFaces = (key) => request("GET", `/api/faces/${key}/photo-faces`);

export const people = (q, offset, limit) =>
  request("GET", `/api/people?${query({ q, offset, limit })}`);

export const forget = (person) => request("DELETE", `/api/people?${query({ person })}`);

export const groups = (q, offset, limit) =>
  request("GET", `/api/groups?${query({ q, offset, limit })}`);

export const group = (id) => request("GET", `/api/groups/${id}`);

export const groupFaces = (id, offset, limit) =>
  request("GET", `/api/groups/${id}/faces?${query({ offset, limit })}`);

export const similar = (id) => request("GET", `/api/groups/${id}/similar`);

export const forgetGroup = (id) => request("DELETE", `/api/groups/${id}`);

/** Corrects a person: by name, merge, split or apart. */
export const correct = (id, how, value) => request("POST", `/api/groups/${id}/${how}`, json(value));

export const move = (faces, name) => request("POST", "/api/move", json({ faces, name }));

export const undo = (correction) => request("POST", "/api/undo", json({ correction }));

export const login = (token) => request("POST", "/api/session", json({ token }));

/** The whole photo of a face: {blob, size}. */
export async function picture(key) {
  const response = await raw("GET", `/api/faces/${key}/picture`);
  const [width, height] = response.headers.get("Photo-Size").split("x").map(Number);
  return { blob: await response.blob(), size: { width, height } };
}

export const photoOf = (key) => `/api/faces/${key}/photo`;

/** Calls back with each change of the gallery; the browser reconnects by itself. */
export function watch(changed) {
  const source = new EventSource("/api/events");
  source.addEventListener("progress", (event) => changed(JSON.parse(event.data)));
}
