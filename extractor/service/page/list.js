// The claims beside the article, as cards and as a table: drawn when they arrive, then only moved, numbered, shown or hidden.
import { same } from "./article.js";
import { card } from "./cards.js";
import { arrange, byId, fill } from "./dom.js";
import { COLUMNS, heading, row, sorted } from "./table.js";

/** Both views of the claims, of which one is shown. */
export class ClaimList {
  #cards = new Map(); // id -> { claim, notes, element }
  #rows = new Map();
  #claims = [];
  #numbers = new Map();
  #notes = () => [];
  #isShown = () => true;
  #sort = { column: 0, descending: false };
  #table = false;

  constructor() {
    fill(byId("table").tHead, heading((column) => this.#sortBy(column)));
    this.#tellSort();
  }

  /** Have exactly these claims, in this order; `notes` gives the letters of the verification notes that cover one. */
  set(claims, numbers, notes) {
    [this.#claims, this.#numbers, this.#notes] = [claims, numbers, notes];
    this.#draw();
  }

  /** Hide the claims that `isShown` says no to, by their id. */
  filter(isShown) {
    this.#isShown = isShown;
    for (const { element } of [...this.#cards.values(), ...this.#rows.values()]) element.hidden = !isShown(element.dataset.claim);
    this.#reach();
  }

  /** Show the table instead of the cards, or the cards. */
  asTable(table) {
    this.#table = table;
    byId("as-cards").setAttribute("aria-pressed", String(!table));
    byId("as-table").setAttribute("aria-pressed", String(table));
    this.#draw();
  }

  /** Light the claims of a selection. */
  light({ ids }) {
    for (const { element } of [...this.#cards.values(), ...this.#rows.values()]) element.classList.toggle("on", ids.has(element.dataset.claim));
  }

  /** Return what shows a claim in the view that is shown; null where it is hidden or unknown. */
  element(id) {
    const element = (this.#table ? this.#rows : this.#cards).get(id)?.element;
    return element && !element.hidden ? element : null;
  }

  /** Return the shown claim `step` after the one that has the focus; the first or the last with "Home" and "End". */
  neighbour(element, step) {
    const shown = this.#elements().filter((each) => !each.hidden);
    return step === "Home" ? shown[0] : step === "End" ? shown.at(-1) : shown[shown.indexOf(element) + step];
  }

  /** Make `element` the one that the Tab key reaches. */
  reach(element) {
    for (const each of this.#elements()) each.tabIndex = each === element ? 0 : -1;
  }

  #elements() {
    return [...(this.#table ? byId("table").tBodies[0] : byId("cards")).children];
  }

  #draw() {
    const none = this.#claims.length === 0; // a list or a table of nothing is no use to anybody
    byId("cards").hidden = this.#table || none;
    byId("table-wrap").hidden = !this.#table || none;
    if (this.#table) {
      this.#reconcile(this.#rows, (claim) => row(claim), byId("table").tBodies[0], sorted(this.#claims, this.#numbers, this.#sort));
    } else {
      this.#reconcile(this.#cards, (claim) => card(claim, this.#notes(claim.id)), byId("cards"), this.#claims);
    }
    this.#reach();
  }

  #reconcile(known, build, parent, claims) {
    const wanted = claims.map((claim) => {
      const notes = this.#notes(claim.id).join();
      const before = known.get(claim.id);
      if (!before || before.notes !== notes || !same(before.claim, claim)) known.set(claim.id, { claim, notes, element: build(claim) });
      const { element } = known.get(claim.id);
      element.hidden = !this.#isShown(claim.id);
      const number = String(this.#numbers.get(claim.id));
      if (element.dataset.number !== number) element.querySelector(".number").textContent = element.dataset.number = number;
      return element;
    });
    const ids = new Set(claims.map((claim) => claim.id));
    for (const id of [...known.keys()]) if (!ids.has(id)) known.delete(id);
    arrange(parent, wanted);
  }

  /** See that the Tab key reaches one claim, whichever are shown. */
  #reach() {
    const elements = this.#elements();
    const first = elements.find((each) => each.tabIndex === 0 && !each.hidden) ?? elements.find((each) => !each.hidden);
    if (first) this.reach(first);
  }

  #sortBy(column) {
    this.#sort = { column, descending: this.#sort.column === column && !this.#sort.descending };
    this.#tellSort();
    this.#draw();
    byId("live").textContent = byId("table").caption.textContent;
  }

  #tellSort() {
    const headings = [...byId("table").tHead.rows[0].cells];
    headings.forEach((cell, index) => {
      if (index === this.#sort.column) cell.setAttribute("aria-sort", this.#sort.descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    const { name, called = name } = COLUMNS[this.#sort.column];
    byId("table").caption.textContent = `Claims sorted by ${called.toLowerCase()}${this.#sort.descending ? ", descending" : ""}`;
  }
}
