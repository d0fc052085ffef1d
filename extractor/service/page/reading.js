// The reading view: one article, what is claimed in it, and how the two belong together.
import { Article } from "./article.js";
import { visible } from "./characters.js";
import { byId, fill, make } from "./dom.js";
import { Filters } from "./filters.js";
import { ClaimList } from "./list.js";
import { lack, lacking, letter, planted, rejections, verifications } from "./notes.js";
import { Selection } from "./selection.js";
import { offerMoves } from "./moves.js";
import { Tip } from "./tip.js";
import { count, listed } from "./words.js";

const BREATH = 50; // milliseconds in which parts that arrive together are shown together

/** The reading view. Claims that arrive are provisional until `settle` brings the whole extraction. */
export class Reading {
  #claims = new Map();
  #numbers = new Map();
  #covering = new Map(); // claim id -> letters of notes
  #final = false;
  #narrowed = false;
  #soon = 0;

  constructor() {
    this.selection = new Selection();
    this.article = new Article(byId("article"));
    this.list = new ClaimList();
    this.tip = new Tip(byId("tip"), (id) => this.#numbers.get(id));
    this.filters = new Filters(() => {
      this.#filter();
      byId("live").textContent = byId("shown-count").textContent;
    });
    this.selection.onChange((lit) => {
      this.article.light(lit);
      this.list.light(lit);
      for (const note of byId("notes").querySelectorAll("[data-covers]")) note.classList.toggle("on", note.dataset.covers.split(" ").some((id) => lit.ids.has(id)) && !lit.span);
    });
    byId("as-cards").addEventListener("click", () => this.list.asTable(false));
    byId("as-table").addEventListener("click", () => this.list.asTable(true));
    offerMoves(this);
  }

  /** How many claims there are. */
  get size() {
    return this.#claims.size;
  }

  /** Show an article of which nothing is known yet. */
  begin(text, { title, header, meta }) {
    this.#claims = new Map();
    this.#covering = new Map();
    this.#final = false;
    this.selection.clear();
    this.tip.hide();
    this.filters.reset();
    fill(byId("notes"));
    byId("lacks").hidden = true;
    byId("nothing").hidden = true;
    byId("bar").hidden = true;
    byId("made-by").textContent = "";
    byId("reading-title").textContent = visible(title);
    byId("reading-meta").textContent = visible(meta);
    this.article.show(text, header);
    this.#update();
  }

  /** Take the claims of one part of the article. */
  arrive(claims) {
    for (const claim of claims) this.#claims.set(claim.id, claim);
    if (claims.length && !this.#soon) this.#soon = setTimeout(() => this.#update(), BREATH);
  }

  /** Take the whole extraction in the place of what arrived. */
  settle(extraction) {
    this.#final = true;
    this.#claims = new Map(extraction.claims.map((claim) => [claim.id, claim]));
    this.#covering = new Map();
    extraction.verifications.forEach((note, index) => {
      for (const id of note.claims) this.#covering.set(id, [...(this.#covering.get(id) ?? []), letter(index)]);
    });
    this.article.setAside(aside(extraction));
    this.#update();
    fill(byId("notes"), verifications(extraction.verifications, this.#numbers), planted(extraction.planted), rejections(extraction.rejections));
    this.#tellLacks(extraction.windows);
    this.#tellMaking(extraction);
    byId("article").lang = extraction.document.language;
  }

  /** Say beside the claims that no more will come, and why. */
  end(reason) {
    if (this.#soon) this.#update();
    byId("nothing").textContent = reason;
    byId("nothing").hidden = false;
  }

  #update() {
    clearTimeout(this.#soon);
    this.#soon = 0;
    const inOrder = [...this.#claims.values()];
    if (!this.#final) inOrder.sort((a, b) => a.evidence[0].start - b.evidence[0].start); // parts arrive as they are read, not in order
    this.#numbers = new Map(inOrder.map((claim, index) => [claim.id, index + 1]));
    this.article.set(inOrder);
    this.list.set(inOrder, this.#numbers, (id) => this.#covering.get(id) ?? []);
    this.filters.offer(inOrder);
    byId("bar").hidden = inOrder.length === 0 && !this.#final;
    if (this.#final && inOrder.length === 0) this.end("No claims were found in this article.");
    this.#filter();
  }

  #filter() {
    const all = [...this.#claims.values()];
    const shown = new Set(this.filters.pass(all).map((claim) => claim.id));
    const narrowed = shown.size < all.length;
    if (narrowed || this.#narrowed) {
      this.article.filter(narrowed ? (id) => shown.has(id) : () => true);
      this.list.filter(narrowed ? (id) => shown.has(id) : () => true);
    }
    this.#narrowed = narrowed;
    byId("shown-count").textContent = narrowed ? `${shown.size} of ${count(all.length, "claim")}` : count(all.length, "claim");
    if (this.#final && all.length) {
      byId("nothing").hidden = shown.size > 0;
      byId("nothing").textContent = "No claim passes these filters.";
    }
  }

  #tellLacks(windows) {
    const lacks = lacking(windows);
    byId("lacks").hidden = lacks.length === 0;
    const says = `${lacks.length} of ${count(windows.length, "part")} brought no whole answer, so claims may be missing there:`;
    const places = lacks.map((window) => make("li", {}, `${lack(window, windows.length)} `, make("button", { type: "button", class: "link", "data-at": window.start }, "show the place")));
    fill(byId("lacks"), lacks.length ? [make("p", {}, says), make("ul", {}, places)] : []);
  }

  #tellMaking({ provenance: made, usage, document }) {
    const cost = usage.requests ? `${count(usage.requests, "request")}, ${count(usage.input_tokens + usage.output_tokens, "token")}` : "no request to the model was needed this time";
    const who = listed(`Read by ${made.model}`, `prompt ${made.prompt} (${made.prompt_digest.slice(0, 12)})`, `extractor ${made.extractor}`, cost);
    byId("made-by").textContent = visible(`${who}. ${count(document.sentences, "sentence")}; places count Unicode code points.`);
    const title = document.title ?? byId("reading-title").textContent;
    byId("reading-title").textContent = visible(title);
    byId("reading-meta").textContent = visible([document.publisher, document.published ?? "no publication date", count(document.length, "character")].filter(Boolean).join(" · "));
  }
}

function aside({ planted: spans, windows }) {
  const left = spans.map((span) => ({ kind: "planted", name: "left out: speaks to a machine", span }));
  const lost = lacking(windows).map((window) => ({ kind: "unread", name: lack(window, windows.length), span: window }));
  return [...left, ...lost];
}
