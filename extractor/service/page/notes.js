// What stands beside the claims: notes on verification, and everything that was left out, with the reason.
import { visible } from "./characters.js";
import { make, said } from "./dom.js";
import { count, label } from "./words.js";

const REASONS = {
  not_in_window: "its words do not stand in this part of the article",
  not_in_sentence: "its words do not stand in the sentence it names",
  no_number: "its figure holds no whole number of the sentence",
  unknown_sentence: "it names a sentence that does not exist",
  invalid: "it is not of the form that was asked for",
  not_a_draft: "it is not of the form that was asked for",
};

const OUTCOMES = { refused: "was refused by the model", truncated: "was cut off before the answer was whole", failed: "could not be read" };

/** Return the letter of the verification note `index`: A to Z, then A2, B2, ... */
export const letter = (index) => String.fromCharCode(65 + (index % 26)) + (index < 26 ? "" : String(Math.floor(index / 26) + 1));

/** Return the section of verification notes, each with links to its claims; null where there is none. */
export function verifications(found, numbers) {
  if (!found.length) return null;
  const notes = found.map((note, index) => {
    const covered = note.claims.filter((id) => numbers.has(id)).sort((a, b) => numbers.get(a) - numbers.get(b));
    const links = covered.map((id) => make("button", { type: "button", class: "link", "data-goto": id, "aria-label": `claim ${numbers.get(id)}` }, String(numbers.get(id))));
    const [head, words] = [`note-${letter(index)}`, `note-words-${letter(index)}`];
    return make(
      "li",
      { class: "note", tabindex: -1, "aria-labelledby": `${head} ${words}`, "data-letter": letter(index), "data-span": `${note.evidence.start}:${note.evidence.end}`, "data-covers": covered.join(" ") },
      make("p", { class: "card-head", id: head }, make("span", { class: "number" }, letter(index)), make("span", { class: "status", "data-status": note.status }, label(note.status)), note.by && said(`by ${note.by.text}`)),
      make("blockquote", { id: words }, said(note.evidence.text), make("span", { class: "place" }, ` ${note.evidence.start}–${note.evidence.end}`)),
      make("p", { class: "soft" }, links.length ? [`covers ${links.length === 1 ? "claim" : "claims"} `, links] : "covers none of the claims found"),
    );
  });
  return make("section", { "aria-labelledby": "notes-title" }, make("h3", { id: "notes-title" }, "Verification notes"), make("ol", { class: "cards", role: "list" }, notes));
}

/** Return the section of sentences that speak to a machine; null where there is none. */
export function planted(spans) {
  if (!spans.length) return null;
  const quotes = spans.map((span) => make("li", { "data-span": `${span.start}:${span.end}` }, said(span.text), make("span", { class: "place" }, ` ${span.start}–${span.end}`)));
  const says = `${count(spans.length, "sentence")} left out because ${spans.length === 1 ? "it speaks" : "they speak"} to a machine, not to a reader. No claim is read from ${spans.length === 1 ? "it" : "them"}.`;
  return make("section", { class: "aside", "aria-labelledby": "planted-title" }, make("h3", { id: "planted-title" }, "Left out"), make("p", {}, says), make("ul", { class: "quotes", role: "list" }, quotes));
}

/** Return the section of the model's drafts that were thrown out; null where there is none. */
export function rejections(found) {
  if (!found.length) return null;
  const items = found.map((each) =>
    make("li", {}, make("p", {}, `Part ${each.window + 1}${each.slot ? `, ${label(each.slot)}` : ""}: ${REASONS[each.reason] ?? label(visible(each.reason))}.`), make("p", { class: "soft", dir: "auto" }, visible(each.message)), each.draft && make("pre", {}, visible(JSON.stringify(each.draft, null, 1)))),
  );
  return make("details", { class: "aside" }, make("summary", {}, `${count(found.length, "draft")} of the model thrown out`), make("p", { class: "soft" }, "What the model wrote but the article does not bear out never becomes a claim."), make("ul", { class: "quotes", role: "list" }, items));
}

/** Return what a part of the article that brought no whole answer lacks, in a sentence. */
export const lack = (window, of) => `Part ${window.index + 1} of ${of} ${OUTCOMES[window.outcome]}${window.detail ? ` (${visible(window.detail)})` : ""}`;

/** Return the windows that brought no whole answer. */
export const lacking = (windows) => windows.filter((window) => window.outcome in OUTCOMES);
