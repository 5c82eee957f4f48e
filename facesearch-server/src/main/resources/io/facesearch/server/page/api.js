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

async function request(method, path, { body, type, signal } = {}) {
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
    return request(method, path, { body, type, signal });
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

export const searchPhoto = (file, k, signal) =>
  request("POST", `/api/search?${query({ k, vectors: true })}`, photo(file, signal));

/** By {vector} or by {face}. */
export const searchBy = (what, k, signal) =>
  request("POST", "/api/search", json({ ...what, k }, signal));

export const add = (file, face, person) =>
  request("POST", `/api/faces?${query({ face, person })}`, photo(file));

export const remove = (face) => request("DELETE", `/api/faces/${face}`);

export const people = (q, offset, limit) =>
  request("GET", `/api/people?${query({ q, offset, limit })}`);

export const forget = (person) => request("DELETE", `/api/people?${query({ person })}`);

export const login = (token) => request("POST", "/api/session", json({ token }));

export const photoOf = (face) => `/api/faces/${face}/photo`;

/** Calls back with each change of the gallery; the browser reconnects by itself. */
export function watch(changed) {
  const source = new EventSource("/api/events");
  source.addEventListener("progress", (event) => changed(JSON.parse(event.data)));
}
