// Filters: by type, by source, by verification, by words.
import { visible } from "./characters.js";
import { byId, fill, make } from "./dom.js";
import { slots, sourceName } from "./slots.js";
import { label } from "./words.js";

const NOTHING = "nothing said";
const CHOICES = {
  "filter-type": (claim) => label(claim.type),
  "filter-source": (claim) => sourceName(claim),
  "filter-status": (claim) => (claim.verification ? label(claim.verification.status) : NOTHING),
};

/** The filters' controls; `onChange` is called after each change. */
export class Filters {
  #haystacks = new WeakMap();

  constructor(onChange) {
    for (const id of [...Object.keys(CHOICES), "filter-words"]) byId(id).addEventListener("input", onChange);
    byId("filter-toggle").addEventListener("click", ({ target }) => {
      target.setAttribute("aria-expanded", String(target.getAttribute("aria-expanded") !== "true"));
    });
    byId("filter-clear").addEventListener("click", () => {
      this.reset();
      onChange();
      const words = byId("filter-words");
      (words.checkVisibility() ? words : byId("filter-toggle")).focus(); // the button goes away, and the focus must not go with it
    });
  }

  /** Offer what the claims have, with how many; what is chosen stays chosen. */
  offer(claims) {
    for (const [id, value] of Object.entries(CHOICES)) {
      const counts = new Map();
      for (const claim of claims) counts.set(value(claim), (counts.get(value(claim)) ?? 0) + 1);
      const select = byId(id);
      const chosen = select.value;
      const options = [...counts].sort((a, b) => b[1] - a[1]).map(([name, many]) => make("option", { value: name }, `${short(visible(name))} (${many})`));
      fill(select, make("option", { value: "" }, "all"), options);
      select.value = counts.has(chosen) ? chosen : "";
    }
  }

  /** Choose everything. */
  reset() {
    for (const id of [...Object.keys(CHOICES), "filter-words"]) byId(id).value = "";
  }

  /** Return the claims that all filters let through. */
  pass(claims) {
    const chosen = Object.entries(CHOICES).filter(([id]) => byId(id).value !== "");
    const words = byId("filter-words").value.toLowerCase().split(/\s+/).filter(Boolean);
    byId("filter-clear").hidden = !chosen.length && !words.length;
    return claims.filter((claim) => chosen.every(([id, value]) => value(claim) === byId(id).value) && words.every((word) => this.#haystack(claim).includes(word)));
  }

  #haystack(claim) {
    if (!this.#haystacks.has(claim)) {
      const parts = [label(claim.type), sourceName(claim), ...slots(claim).flatMap((slot) => [slot.span.text, slot.value]), ...claim.evidence.map((span) => span.text)];
      this.#haystacks.set(claim, parts.join("\n").toLowerCase());
    }
    return this.#haystacks.get(claim);
  }
}

const short = (name) => (name.length > 48 ? `${name.slice(0, 47)}…` : name);
