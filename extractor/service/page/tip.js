// What a highlight is and what was computed from it, shown beside it; on narrow screens at the foot of the window.
import { visible } from "./characters.js";
import { fill, make } from "./dom.js";

/** The hint. `numbers` turns claim ids into their numbers. */
export class Tip {
  #element;
  #numbers;
  #owner = null;

  constructor(element, numbers) {
    this.#element = element;
    this.#numbers = numbers;
  }

  /** Show what the marks of an element of the article mean. */
  show(owner, marks) {
    if (!marks.length) return this.hide();
    this.hide();
    fill(this.#element, rows(marks, this.#numbers));
    this.#element.hidden = false;
    this.#owner = owner;
    owner.setAttribute("aria-describedby", this.#element.id);
    this.#place(owner);
  }

  /** Show nothing; tells whether anything was shown. */
  hide() {
    const was = this.#owner !== null;
    this.#owner?.removeAttribute("aria-describedby");
    this.#owner = null;
    this.#element.hidden = true;
    return was;
  }

  /** Stay with words that have the focus, wherever they are scrolled to; words under a pointer have left it. */
  follow() {
    if (this.#owner === null) return;
    if (this.#owner !== document.activeElement) return void this.hide();
    const [words, frame] = [this.#owner.getBoundingClientRect(), this.#owner.closest(".article").getBoundingClientRect()];
    this.#element.hidden = words.bottom < Math.max(frame.top, 0) || words.top > Math.min(frame.bottom, innerHeight);
    if (!this.#element.hidden) this.#place(this.#owner);
  }

  /** What is shown, in words. */
  get words() {
    return [...this.#element.children].map((row) => [...row.children].map((part) => part.textContent).join(": ")).join("; ");
  }

  #place(owner) {
    const words = owner.getClientRects()[0] ?? owner.getBoundingClientRect();
    const own = this.#element.getBoundingClientRect();
    const gap = 6;
    const below = words.bottom + gap + own.height <= innerHeight;
    this.#element.style.left = `${Math.max(gap, Math.min(words.left, innerWidth - own.width - gap))}px`;
    this.#element.style.top = `${below ? words.bottom + gap : Math.max(gap, words.top - own.height - gap)}px`;
  }
}

function rows(marks, numbers) {
  const found = new Map();
  for (const mark of marks) {
    const row = `${mark.kind}|${mark.name}|${mark.value}|${mark.start}|${mark.end}`;
    if (!found.has(row)) found.set(row, { mark, claims: new Set() });
    if (mark.claim !== null) found.get(row).claims.add(numbers(mark.claim));
  }
  return [...found.values()].map(({ mark, claims }) => {
    const of = [...claims].sort((a, b) => a - b);
    const whose = of.length ? `claim${of.length > 1 ? "s" : ""} ${shortened(of)}` : "";
    const value = mark.value || (mark.claim === null ? "" : visible(mark.text));
    return make("p", {}, make("span", { class: "sample", "data-kind": mark.kind }, mark.name), value && make("b", {}, value), whose && make("span", { class: "soft" }, whose));
  });
}

const shortened = (numbers) => (numbers.length > 8 ? `${numbers.slice(0, 8).join(", ")} and ${numbers.length - 8} more` : numbers.join(", "));
