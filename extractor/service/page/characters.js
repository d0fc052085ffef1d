// Characters: places are Unicode code points, strings of JavaScript are UTF-16; and what cannot be seen is shown by its code.

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;
const UNSEEN = /(?![\n\t])[\p{Cf}\p{Cc}\p{Cs}\p{Co}\p{Cn}]/u;
const UNSEEN_OR_NOT = /((?![\n\t])[\p{Cf}\p{Cc}\p{Cs}\p{Co}\p{Cn}])/u;
const LINE_END = /\r\n/g; // half of a line's end is not worth a code

/** The code points of a text, found in its UTF-16. */
export class CodePoints {
  #text;
  #pairs; // code point offsets of the characters that take two units, ascending

  constructor(text) {
    this.#text = text;
    this.#pairs = Array.from(text.matchAll(PAIR), (match, earlier) => match.index - earlier);
  }

  /** How many code points the text has. */
  get length() {
    return this.#text.length - this.#pairs.length;
  }

  /** Return the characters from `start` to `end`, in code points. */
  slice(start, end) {
    return this.#text.slice(this.unit(start), this.unit(end));
  }

  /** Return where in UTF-16 the code point `offset` begins. */
  unit(offset) {
    return offset + countBelow(this.#pairs, offset);
  }

  /** Return which code point begins at `unit` in UTF-16. */
  offset(unit) {
    let [low, high] = [0, this.#pairs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#pairs[middle] + middle < unit) low = middle + 1;
      else high = middle;
    }
    return unit - low;
  }
}

/** Return how many of the ascending `numbers` are below `bound`. */
export function countBelow(numbers, bound) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Return the text with what cannot be seen as its code, for titles, lists and spoken names. */
export function visible(text) {
  const flat = text.replace(LINE_END, "\n");
  return UNSEEN.test(flat) ? flat.split(UNSEEN_OR_NOT).map((part, index) => (index % 2 ? code(part) : part)).join("") : flat;
}

/** Return the text as nodes, what cannot be seen set apart as its code. */
export function shown(text) {
  const flat = text.replace(LINE_END, "\n");
  if (!UNSEEN.test(flat)) return [document.createTextNode(flat)];
  return flat.split(UNSEEN_OR_NOT).map((part, index) => (index % 2 ? codeElement(part) : document.createTextNode(part)));
}

function codeElement(character) {
  const element = document.createElement("span");
  element.className = "hidden-character";
  element.textContent = code(character);
  return element;
}

const code = (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
