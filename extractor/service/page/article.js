// The article with its highlights. A paragraph is drawn anew only when something arrives in it, so long articles stay usable.
import { CodePoints, countBelow, shown } from "./characters.js";
import { fill } from "./dom.js";
import { KINDS, slots } from "./slots.js";

/** The article's pane. A mark is { from, to, kind, name, value, text, claim }, in UTF-16 units; kinds beyond those of slots have no claim. */
export class Article {
  #element;
  #points;
  #blocks = [];
  #starts = [];
  #known = new Map(); // claim id -> { claim, marks }
  #lit = { ids: new Set(), span: null, quiet: false };
  #pieces = new WeakMap();
  #isShown = () => true;

  constructor(element) {
    this.#element = element;
  }

  /** Show a text that nothing is known of yet; its header, of `header` UTF-16 units, is set back. */
  show(text, header) {
    this.#points = new CodePoints(text);
    this.#known = new Map();
    this.#blocks = paragraphs(text, header);
    this.#starts = this.#blocks.map((block) => block.from);
    for (const block of this.#blocks) this.#draw(block);
    fill(this.#element, this.#blocks.map((block) => block.element));
    this.#element.scrollTop = 0;
  }

  /** Have exactly the highlights of `claims`; those already drawn are left as they are. */
  set(claims) {
    const wanted = new Map(claims.map((claim) => [claim.id, claim]));
    const dirty = new Set();
    for (const [id, { claim, marks }] of this.#known) {
      if (same(wanted.get(id), claim)) continue;
      for (const mark of marks) this.#each(mark, (block) => dirty.add(block).size && block.marks.delete(mark));
      this.#known.delete(id);
    }
    for (const [id, claim] of wanted) {
      if (this.#known.has(id)) continue;
      const marks = this.#marks(claim);
      this.#known.set(id, { claim, marks });
      this.#put(marks, dirty);
    }
    for (const block of dirty) this.#draw(block);
  }

  /** Mark places that no claim was read from, each { kind, name, span }. */
  setAside(places) {
    const dirty = new Set();
    this.#put(places.map(({ kind, name, span }) => this.#mark(kind, name, "", span, null)), dirty);
    for (const block of dirty) this.#draw(block);
  }

  /** Show highlights only of the claims that `isShown` says yes to, by their id. */
  filter(isShown) {
    this.#isShown = isShown;
    for (const block of this.#blocks) block.pieces.forEach((piece) => this.#dress(piece));
  }

  /** Light the claims of a selection. */
  light(selection) {
    const before = this.#lit.ids;
    this.#lit = selection;
    this.#element.classList.toggle("dim", selection.ids.size > 0 && !selection.quiet);
    for (const piece of this.#of(new Set([...before, ...selection.ids]))) this.#dress(piece);
  }

  /** Return the marks that an element of the article stands for; empty for anything else. */
  marksOf(element) {
    const piece = this.#pieces.get(element);
    return piece ? piece.marks.filter((mark) => mark.kind !== "sentence" && (mark.claim === null || this.#isShown(mark.claim))) : [];
  }

  /** Return the first highlighted element of a claim. */
  first(id) {
    const pieces = this.#of(new Set([id]));
    return (pieces.find((piece) => piece.element.dataset.kind) ?? pieces[0])?.element ?? null;
  }

  /** Return the element that has the first character of a place, in code points. */
  at(start) {
    const unit = this.#points.unit(start);
    const block = this.#blocks[this.#block(unit)];
    return block.pieces.find((piece) => piece.from <= unit && unit < piece.to)?.element ?? block.element;
  }

  /** Return the highlighted words after `element`, or before it where `step` is -1; from the article itself the first or last. */
  neighbour(element, step) {
    const all = this.#blocks.flatMap((block) => block.pieces).map((piece) => piece.element).filter((each) => each === element || (each.dataset.kind && WORDS.test(each.textContent)));
    const here = all.indexOf(element);
    return here < 0 ? all.at(step > 0 ? 0 : -1) : all[here + step];
  }

  #marks(claim) {
    const sentences = claim.evidence.map((span) => this.#mark("sentence", "", "", span, claim.id));
    return [...sentences, ...slots(claim).map(({ kind, name, value, span }) => this.#mark(kind, name, value, span, claim.id))];
  }

  #mark(kind, name, value, span, claim) {
    return { from: this.#points.unit(span.start), to: this.#points.unit(span.end), kind, name, value, text: span.text ?? "", claim, start: span.start, end: span.end };
  }

  #put(marks, dirty) {
    for (const mark of marks) this.#each(mark, (block) => dirty.add(block) && block.marks.add(mark));
  }

  #each(mark, act) {
    for (let index = this.#block(mark.from); index < this.#blocks.length && this.#starts[index] < mark.to; index += 1) act(this.#blocks[index]);
  }

  #block(unit) {
    return Math.max(0, countBelow(this.#starts, unit + 1) - 1);
  }

  #of(ids) {
    const blocks = new Set();
    for (const id of ids) for (const mark of this.#known.get(id)?.marks ?? []) this.#each(mark, (block) => blocks.add(block));
    const inOrder = [...blocks].sort((a, b) => a.from - b.from);
    return inOrder.flatMap((block) => block.pieces.filter((piece) => piece.marks.some((mark) => ids.has(mark.claim))));
  }

  /** Draw a paragraph: where marks overlap, each piece carries all of them. */
  #draw(block) {
    const marks = [...block.marks].sort((a, b) => a.from - b.from);
    const clip = (unit) => Math.min(Math.max(unit, block.from), block.to);
    const edges = [...new Set([block.from, block.to, ...marks.flatMap((mark) => [clip(mark.from), clip(mark.to)])])].sort((a, b) => a - b);
    block.pieces = [];
    const nodes = [];
    let active = [];
    let next = 0;
    for (let index = 0; index + 1 < edges.length; index += 1) {
      const [from, to] = [edges[index], edges[index + 1]];
      const starting = [];
      while (next < marks.length && marks[next].from <= from) starting.push(marks[next++]);
      active = [...active, ...starting].filter((mark) => mark.to > from);
      const text = shown(block.text.slice(from - block.from, to - block.from));
      if (active.length === 0) nodes.push(text);
      else nodes.push(this.#piece(block, from, to, active, text));
    }
    fill(block.element, nodes);
  }

  #piece(block, from, to, marks, text) {
    const slotted = marks.some((mark) => KINDS.includes(mark.kind));
    const element = document.createElement(slotted ? "mark" : "span");
    element.append(...text);
    const piece = { element, from, to, marks };
    if (slotted) element.tabIndex = -1;
    for (const kind of ["planted", "unread"]) if (marks.some((mark) => mark.kind === kind)) element.classList.add(kind);
    block.pieces.push(piece);
    this.#pieces.set(element, piece);
    this.#dress(piece);
    return element;
  }

  #dress({ element, marks, from, to }) {
    const { ids, span } = this.#lit;
    const visible = marks.filter((mark) => mark.claim !== null && this.#isShown(mark.claim));
    const lit = visible.filter((mark) => ids.has(mark.claim));
    const kinds = KINDS.filter((kind) => (lit.some(isSlot) ? lit : visible).some((mark) => mark.kind === kind));
    put(element, "kind", kinds[0]);
    put(element, "also", kinds[1]);
    put(element, "claims", [...new Set(visible.filter(isSlot).map((mark) => mark.claim))].join(" "));
    element.classList.toggle("sentence", lit.some((mark) => mark.kind === "sentence"));
    element.classList.toggle("on", lit.some(isSlot));
    element.classList.toggle("exact", span !== null && from >= this.#points.unit(span.start) && to <= this.#points.unit(span.end) && lit.some(isSlot));
  }
}

/** Tell whether two claims say the same; those that arrived once are mostly the very same object. */
export const same = (one, other) => one === other || (one !== undefined && JSON.stringify(one) === JSON.stringify(other));

const isSlot = (mark) => KINDS.includes(mark.kind);

function put(element, name, value) {
  if (value) element.dataset[name] = value;
  else delete element.dataset[name];
}

/** Return the text as paragraphs, each with the empty lines after it, so that joined they are the text again. */
function paragraphs(text, header) {
  const found = [];
  const parts = header ? [text.slice(0, header), ...(text.slice(header).match(PARAGRAPH) ?? [])] : (text.match(PARAGRAPH) ?? []);
  let from = 0;
  for (const part of parts) {
    const element = document.createElement("div");
    element.dir = "auto";
    element.className = from === 0 && header ? "paragraph header" : "paragraph";
    found.push({ text: part, from, to: from + part.length, marks: new Set(), pieces: [], element });
    from += part.length;
  }
  return found;
}

const WORDS = /[\p{L}\p{N}\p{S}]/u; // where marks overlap, a piece may be a mere space, which is nothing to stop at
const PARAGRAPH = /[^\n]*(?:\n+|$)/g;
