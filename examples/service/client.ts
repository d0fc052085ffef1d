// Calls the service from TypeScript, with nothing but what Node has:
//
//   node client.ts http://127.0.0.1:8000 ../dispatch.txt
//
// Node 24 runs it as it is, Node 22 with --experimental-strip-types. A key, where the service has keys, stands in EXTRACTOR_KEY.

import { readFile } from "node:fs/promises";

/** Some characters of the article; offsets count Unicode code points, so not what String.slice counts: see `quoted`. */
interface Span {
  text: string;
  start: number;
  end: number;
}

interface Claim {
  id: string;
  type: string;
  attribution: { sources: Span[]; cue: Span | null; voice: "attributed" | "outlet" };
  subject: Span | null;
  outcome: Span | null;
  quantity: (Span & { value: number | null; unit: string | null; comparator: string }) | null;
  target: Span | null;
  time: (Span & { start_date: string | null; end_date: string | null }) | null;
  place: Span | null;
  evidence: Span[];
  verification: { status: string; evidence: Span } | null;
}

interface Extraction {
  document: { id: string; published: string | null };
  claims: Claim[];
  windows: { index: number; outcome: string }[];
}

interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
}

/** What the events of a stream carry, by their names. */
type News =
  | { event: "window"; data: { index: number; of: number; outcome: string; claims: Claim[] } }
  | { event: "extraction"; data: Extraction }
  | { event: "problem"; data: Problem };

interface ResultLine {
  index: number;
  extraction: Extraction | null;
  problem: Problem | null;
}

const [url = "http://127.0.0.1:8000", path = "examples/dispatch.txt"] = process.argv.slice(2);
const key = process.env.EXTRACTOR_KEY;

/** Sends a request; whatever is no success is told as the service words it. */
async function ask(method: string, address: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(new URL(address, url), {
    method,
    headers: { ...(key ? { Authorization: `Bearer ${key}` } : {}), ...(body ? { "Content-Type": "application/json" } : {}), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) {
    const problem = (await response.json()) as Problem;
    throw new Error(`${problem.title}: ${problem.detail} (again after ${response.headers.get("Retry-After") ?? "-"} s)`);
  }
  return response;
}

/** One article, answered when it is done. */
async function extract(article: object): Promise<Extraction> {
  return (await ask("POST", "/v1/extract", article)).json();
}

/** One article, told part by part; the service ends lines of events with a line feed. */
async function* stream(article: object): AsyncGenerator<News> {
  const response = await ask("POST", "/v1/extract", article, { Accept: "text/event-stream" });
  let rest = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      const lines = block.split("\n");
      const event = lines.find((line) => line.startsWith("event: "))?.slice(7);
      const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
      if (event) yield { event, data: JSON.parse(data) } as News;
    }
  }
}

/** Many articles: handed over at once, read as far as they are done. */
async function* job(articles: object[]): AsyncGenerator<ResultLine> {
  // The same key gives the same job, so that a request whose answer was lost can be sent again.
  const made = await ask("POST", "/v1/jobs", { articles }, { "Idempotency-Key": crypto.randomUUID() });
  const results = `${made.headers.get("Location")}/results`;
  for (let query = ""; ; ) {
    const page = await ask("GET", results + query);
    const lines = (await page.text()).split("\n").filter((line) => line !== "");
    for (const line of lines) yield JSON.parse(line);
    if (!page.headers.get("Link")?.includes('rel="next"')) return;
    query = `?cursor=${page.headers.get("Next-Cursor")}`;
    if (lines.length === 0) await new Promise((wake) => setTimeout(wake, 500));
  }
}

/** The characters that a span stands for, from the article itself. */
function quoted(text: string, span: Span): string {
  return [...text].slice(span.start, span.end).join("");
}

function told(claim: Claim): string {
  const who = claim.attribution.sources[0]?.text ?? "the outlet";
  const what = [claim.subject, claim.outcome, claim.quantity, claim.target, claim.time, claim.place].filter((slot) => slot !== null);
  return `[${claim.evidence[0]!.start}:${claim.evidence[0]!.end}] ${who}: ${what.map((slot) => slot.text).join(" ")}`;
}

const text = await readFile(path, "utf8");

const extraction = await extract({ text });
for (const claim of extraction.claims) {
  if (claim.evidence.some((span) => quoted(text, span) !== span.text)) throw new Error("a quote does not stand where it should");
  console.log(told(claim));
}

for await (const { event, data } of stream({ text })) {
  if (event === "window") console.log(`part ${data.index + 1} of ${data.of}, ${data.outcome}; claims: ${data.claims.length}`);
  else if (event === "extraction") console.log(`the whole; claims: ${data.claims.length}`);
  else throw new Error(data.detail);
}

for await (const line of job([{ text }, { text: " " }])) {
  console.log(`article ${line.index}; ${line.extraction ? `claims: ${line.extraction.claims.length}` : line.problem?.title}`);
}
