// The API this page is a client of, like any other program.
import { events } from "./stream.js";
import { sentence } from "./words.js";

/** Why the service did not answer, in the words of its problem document. */
export class Problem extends Error {
  constructor({ title, detail = "", status = 0, errors = [], retryAfter = null }) {
    super(detail);
    Object.assign(this, { title, detail, status, errors, retryAfter });
  }
}

/** The key that goes with each request; kept in memory, and beyond a reload only where the person wants it. */
export const key = {
  value: sessionStorage.getItem("key") ?? "",
  use(value, keep) {
    this.value = value;
    if (keep) sessionStorage.setItem("key", value);
    else sessionStorage.removeItem("key");
  },
};

/** Return the models that are served, the default first. */
export const models = async () => (await (await ask("/v1/models", {})).json()).models;

/** Return the names and titles of the articles that ship with the service. */
export const examples = async () => (await (await ask("/page/examples", {})).json()).examples;

/** Return the text of one of them. */
export const example = async (name) => (await ask(`/page/examples/${encodeURIComponent(name)}`, {})).text();

/** Return the extraction of `article` as the JSON text the service wrote; `onWindow` is told of each part as it is read. */
export async function extract(article, { signal, onWindow }) {
  const response = await post(article, "text/event-stream", signal);
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return response.text();
  try {
    for await (const { event, data } of events(response.body)) {
      if (event === "window") onWindow(JSON.parse(data));
      else if (event === "problem") throw problem(JSON.parse(data), null);
      else if (event === "extraction") return data;
    }
  } catch (error) {
    if (error instanceof Problem || signal.aborted) throw error;
  }
  throw new Problem({
    title: "The connection ended early",
    detail: "The answer was not complete. Extract again: what was already answered is remembered and costs nothing.",
  });
}

/** Return the extraction of `article` in another form, as bytes: "text/csv" or "text/html". */
export const exported = async (article, type) => (await post(article, type, null)).blob();

const post = (article, accept, signal) =>
  ask("/v1/extract", { method: "POST", headers: { "Content-Type": "application/json", Accept: accept }, body: JSON.stringify(article), signal });

async function ask(path, { headers = {}, ...options }) {
  const withKey = key.value ? { ...headers, Authorization: `Bearer ${key.value}` } : headers;
  const fixed = { cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" };
  let response;
  try {
    response = await fetch(path, { ...fixed, ...options, headers: withKey });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ title: "The service cannot be reached", detail: "See whether it is running and this machine is connected, then try again." });
  }
  if (!response.ok) throw problem(await body(response), response);
  return response;
}

async function body(response) {
  try {
    return JSON.parse(await response.text());
  } catch {
    return {};
  }
}

function problem(said, response) {
  const status = said.status ?? response?.status ?? 0;
  return new Problem({
    title: said.title ?? `The service answered with status ${status}`,
    detail: said.detail ? sentence(said.detail) : "It gave no reason. Try again, and look into its log if this stays.",
    status,
    errors: Array.isArray(said.errors) ? said.errors : [],
    retryAfter: seconds(response?.headers.get("retry-after")),
  });
}

/** Return the seconds that a Retry-After header names, which may be a number or a date. */
function seconds(header) {
  if (!header) return null;
  const wait = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isFinite(wait) ? Math.max(0, wait) : null;
}
