// Which claims are looked at: those chosen stay until another choice, those pointed at only as long as the pointer rests.

/** The claims that are lit, in the article and beside it. */
export class Selection {
  #listeners = [];
  #chosen = none;
  #pointed = null;

  /** Call `listener` with { ids, span, quiet } after each change. */
  onChange(listener) {
    this.#listeners.push(listener);
  }

  /** Light claims until something else is chosen. */
  choose(ids) {
    this.#chosen = { ids: new Set(ids), span: null, quiet: false };
    this.#pointed = null;
    this.#tell();
  }

  /** Light claims for as long as they are pointed at; `span` is the slot meant, `quiet` leaves the other claims their colours. */
  point(ids, { span = null, quiet = false } = {}) {
    this.#pointed = { ids: new Set(ids), span, quiet };
    this.#tell();
  }

  /** Go back to what is chosen. */
  leave() {
    if (!this.#pointed) return;
    this.#pointed = null;
    this.#tell();
  }

  /** Choose nothing. */
  clear() {
    this.#chosen = none;
    this.#pointed = null;
    this.#tell();
  }

  #tell() {
    for (const listener of this.#listeners) listener(this.#pointed ?? this.#chosen);
  }
}

const none = { ids: new Set(), span: null, quiet: false };
