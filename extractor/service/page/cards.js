// Claims as cards.
import { make, said } from "./dom.js";
import { headline, settledName, slots } from "./slots.js";
import { days, figure, label, MEASURES } from "./words.js";

/** Return the card of a claim; `notes` are the letters of verification notes that cover it. */
export function card(claim, notes) {
  const [head, words] = [`head-${claim.id}`, `words-${claim.id}`];
  return make(
    "li",
    { class: "card", tabindex: -1, "data-claim": claim.id, "aria-labelledby": `${head} ${words}` },
    make("p", { class: "card-head", id: head }, make("span", { class: "number" }), make("span", { class: "speech" }, speech(claim)), make("span", { class: "type" }, label(claim.type))),
    make("h4", { id: words }, said(headline(claim)), claim.polarity === "negated" && [" ", make("span", { class: "negated" }, "negated")]),
    make("dl", {}, rows(claim, notes)),
    claim.evidence.map((span) => make("blockquote", place(span), said(span.text), make("span", { class: "place" }, ` ${span.start}–${span.end}`))),
  );
}

const place = (span) => ({ "data-span": `${span.start}:${span.end}` });

function speech({ attribution: { sources, cue, stance, stated_on: when } }) {
  const [first] = sources;
  const who = first ? said(first.text, "span", { class: "speaker", ...place(first) }) : make("span", { class: "speaker outlet" }, "the outlet itself");
  const on = when?.date && !when.text.includes(when.date) ? ` (${when.date})` : "";
  return [who, stance && stance !== "asserts" && make("span", { class: "stance" }, stance), first?.kind && make("span", { class: "soft" }, label(first.kind)), cue && said(cue.text, "span", { class: "soft", ...place(cue) }), when && said(when.text + on, "span", { class: "soft", ...place(when) })];
}

function rows(claim, notes) {
  const { quantity, time, place: where, verification, attribution } = claim;
  const { sources, channel } = attribution;
  const value = new Map(slots(claim).map((slot) => [slot.span, slot.value]));
  const settled = sources.some((source) => source.party || settledName(source));
  const exact = quantity && figure(quantity) === quantity.text;
  return [
    ...(settled || sources.length > 1 ? sources.map((source) => row("who", "who says", source, value.get(source))) : []),
    channel && row("who", "channel", channel, ""),
    quantity && row("many", "how many", quantity, exact ? MEASURES[claim.measure] : value.get(quantity)),
    time && row("when", "when", time, days(time)),
    where && row("where", "where", where, ""),
    verification && checked(verification, notes),
  ];
}

function row(kind, name, span, value) {
  const words = said(span.text.replace(/\s+/g, " "), "span");
  return make("div", place(span), make("dt", {}, make("span", { class: "sample", "data-kind": kind }, name)), make("dd", {}, words, value && [" ", make("span", { class: "value", dir: "auto" }, value)]));
}

function checked(verification, notes) {
  const { evidence, status } = verification;
  return make(
    "div",
    place(evidence),
    make("dt", {}, make("span", { class: "sample", "data-kind": "check" }, "verification")),
    make("dd", {}, make("span", { class: "status", "data-status": status }, label(status)), notes.map((letter) => [" ", make("button", { type: "button", class: "link", "data-note": letter }, `note ${letter}`)])),
  );
}
