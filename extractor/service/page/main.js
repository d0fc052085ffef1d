// The page: from the form to the reading view and back.
import { CodePoints, visible } from "./characters.js";
import { Compose } from "./compose.js";
import { byId } from "./dom.js";
import { fileName, indented, save } from "./downloads.js";
import { offerKeys, prompt } from "./keys.js";
import * as problems from "./problems.js";
import { Reading } from "./reading.js";
import { exported, extract, key } from "./service.js";
import { offerThemes } from "./theme.js";
import { count } from "./words.js";

const reading = new Reading();
const compose = new Compose({ onExtract: run, onFault: (title, detail) => problems.tell({ title, detail }) });
const live = byId("live");
let hand = null; // { article, json, title }: what is on show
let running = null;
let waiting = "";
let heading = "Claims"; // the title of the reading view

offerThemes(byId("theme"));
offerKeys(() => {
  byId("key-open").hidden = false;
  offerModels();
});
compose.offerExamples();
offerModels();
show("compose");
byId("stop").addEventListener("click", () => running?.abort());
byId("edit").addEventListener("click", () => leave(false));
byId("new").addEventListener("click", () => leave(true));
byId("back").addEventListener("click", () => {
  show("reading");
  byId("reading-title").focus({ preventScroll: true });
});
for (const button of document.querySelectorAll("[data-download]")) button.addEventListener("click", () => download(button));

/** Extract an article and show what comes, as it comes. */
async function run(article, head) {
  const { signal } = (running = new AbortController());
  problems.hide();
  hush();
  hand = { article, json: null, title: head.title };
  entitle("Reading");
  reading.begin(article.text, { title: head.title ?? "Untitled article", header: head.length, meta: count(new CodePoints(article.text).length, "character") });
  offerDownloads(false);
  show("reading");
  const stopClock = progress(signal);
  byId("stop").focus();
  let parts = 0;
  try {
    const json = await extract(article, {
      signal,
      onWindow: ({ of, claims }) => {
        reading.arrive(claims);
        parts += 1;
        byId("progress-bar").max = of;
        byId("progress-bar").value = parts;
        stopClock.part(parts, of);
        announce(`${count(reading.size, "claim")} so far, part ${parts} of ${of}`);
      },
    });
    const extraction = JSON.parse(json);
    hand = { ...hand, json, title: extraction.document.title ?? head.title };
    reading.settle(extraction);
    offerDownloads(true);
    const said = `${count(extraction.claims.length, "claim")} found`;
    entitle(said);
    announce(`Done: ${said}.`, true);
  } catch (error) {
    failed(error, signal, () => run(article, head));
  } finally {
    const wasThere = document.activeElement === byId("stop");
    stopClock.end();
    if (running?.signal === signal) running = null;
    if (wasThere && !byId("reading").hidden) byId("reading-title").focus({ preventScroll: true });
  }
}

function failed(error, signal, again) {
  if (hand === null) return; // the article was forgotten meanwhile
  const kept = reading.size ? ` ${count(reading.size, "claim")} had arrived; they are provisional: repeated ones are not joined, and notes on verification are not linked.` : "";
  entitle(signal.aborted ? "Stopped" : "Not finished");
  if (signal.aborted) {
    reading.end(`Stopped.${kept} What was answered is remembered, so extracting again goes on from there.`);
    announce("Stopped.", true);
    return;
  }
  if (error.status === 401) {
    reading.end("Nothing was extracted: the service asks for a key.");
    return prompt(again, key.value !== "");
  }
  reading.end(`Not finished.${kept}`);
  if (error.detail === undefined) console.error(error); // a fault of this page
  problems.tell(error.detail === undefined ? { title: "This page met a fault of its own", detail: "Reload it and try again; the browser's console says more." } : error, again);
}

/** Show that something is read, and for how long. */
function progress() {
  const started = performance.now();
  let part = "";
  const seconds = () => Math.floor((performance.now() - started) / 1000);
  const tell = () => (byId("progress-text").textContent = `${part || "Waiting for the first part"} · ${seconds()} s`);
  byId("progress").hidden = false;
  byId("progress-bar").removeAttribute("value");
  const clock = setInterval(tell, 1000);
  tell();
  return {
    part(number, of) {
      part = `Part ${number} of ${of}`;
      tell();
    },
    end() {
      clearInterval(clock);
      byId("progress").hidden = true;
    },
  };
}

let speaking = 0;

/** Have a screen reader say something. What comes often is said every two seconds at most, the newest of it; `now` is for the last word. */
function announce(words, now = false) {
  waiting = words;
  if (now) {
    clearTimeout(speaking);
    speaking = 0;
  }
  if (speaking) return;
  live.textContent = waiting;
  const said = waiting;
  speaking = setTimeout(() => {
    speaking = 0;
    if (waiting !== said) announce(waiting);
  }, 2000);
}

/** Take back what a screen reader would find said of the article before. */
function hush() {
  clearTimeout(speaking);
  speaking = 0;
  live.textContent = "";
}

/** Name the reading view after how things stand, for whoever finds it among other tabs. */
function entitle(state) {
  heading = `${state} · ${visible(hand.title ?? "Claims")}`;
  showTitle();
}

function showTitle() {
  document.title = byId("reading").hidden ? "Claims" : heading;
}

async function download(button) {
  const kind = button.dataset.download;
  const { article, json, title } = hand;
  if (kind === "json") return save(indented(json), fileName(title, "json"), "application/json");
  button.disabled = true;
  try {
    save(await exported(article, `text/${kind}`), fileName(title, kind));
  } catch (error) {
    if (error.status === 401) prompt(() => download(button), key.value !== "");
    else problems.tell(error, () => download(button));
  } finally {
    button.disabled = hand?.json === null;
  }
}

function offerDownloads(can) {
  for (const button of document.querySelectorAll("[data-download]")) button.disabled = !can;
}

async function offerModels() {
  try {
    await compose.offerModels();
  } catch (error) {
    if (error.status === 401) byId("key-open").hidden = false;
  }
}

/** Go back to the form, with the article or with an empty one. */
function leave(forget) {
  running?.abort();
  problems.hide();
  hush();
  if (forget) {
    hand = null;
    compose.put("");
    reading.begin("", { title: "", header: 0, meta: "" });
  }
  show("compose");
  byId("text").focus();
}

function show(view) {
  document.documentElement.dataset.view = view;
  byId("compose").hidden = view !== "compose";
  byId("reading").hidden = view !== "reading";
  byId("back").hidden = hand === null;
  showTitle();
  reading.tip.hide();
  scrollTo(0, 0);
}
