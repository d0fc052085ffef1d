// The slots of a claim: which words, of which kind, meaning what. One table for article, cards and hints.
import { CodePoints, visible } from "./characters.js";
import { days, figure, grouped, label, listed, MEASURES } from "./words.js";

/** Kinds of slots, the one that shows where several share a word first. */
export const KINDS = ["many", "when", "where", "who", "what", "check"];

/** How each kind is called. */
export const KIND_NAMES = { many: "how many", when: "when", where: "where", who: "who says", what: "what", check: "verification" };

/** Return the slots of `claim` as { kind, name, value, span }: what it is, what was computed from its words, and where they stand. */
export function slots(claim) {
  const said = claim.attribution;
  const checked = claim.verification;
  const found = [
    ...said.sources.map((source) => slot("who", "who says", source, about(source))),
    slot("who", "how it was said", said.cue, listed(said.stance, said.quotation && `${said.quotation} speech`)),
    slot("who", "through which channel", said.channel, ""),
    slot("when", "when it was said", said.stated_on, said.stated_on?.date ?? "no day settled"),
    slot("what", "about whom", claim.subject, ""),
    slot("what", "what happened", claim.outcome, listed(claim.outcome?.kind, claim.polarity === "negated" && "negated")),
    slot("what", "against whom or what", claim.target, ""),
    slot("many", "how many", claim.quantity, claim.quantity && quantity(claim)),
    slot("when", "when it happened", claim.time, claim.time && listed(days(claim.time), claim.time.basis && `${claim.time.basis} date`)),
    slot("where", "where", claim.place, ""),
    slot("check", "who checked", checked?.by, ""),
    slot("check", "verification", checked?.evidence, checked && label(checked.status)),
  ];
  return found.filter((each) => each.span);
}

const slot = (kind, name, span, value) => ({ kind, name, span, value: value ?? "" });

/** Return the name that is settled for a source where it says more than the source's own words; empty otherwise. */
export function settledName({ canonical, text }) {
  const bare = (name) => name.replace(/^the\s+/i, "");
  return canonical && bare(canonical) !== bare(text) ? canonical : "";
}

function about(source) {
  return listed(visible(settledName(source)), source.kind && label(source.kind), source.party && `party: ${visible(source.party)}`, source.side && `side: ${visible(source.side)}`);
}

function quantity(claim) {
  const { low, high, si_value: si, si_unit: unit } = claim.quantity;
  const bounds = low === high ? "" : `low ${grouped(low)}, high ${grouped(high)}`;
  return listed(visible(figure(claim.quantity)), bounds, MEASURES[claim.measure], si !== null && si !== undefined && unit && `${grouped(si)} ${visible(unit)}`);
}

/** Return the words of a claim as its text has them, wide gaps marked: "Velorian forces lost … 14 armored vehicles". */
export function headline(claim) {
  const { quantity } = claim;
  const apart = quantity?.unit && !quantity.text.includes(quantity.unit); // a line of a bulletin: what is counted stands elsewhere
  const spans = [claim.subject, claim.outcome, apart ? null : quantity, claim.target].filter(Boolean).sort((a, b) => a.start - b.start || b.end - a.end);
  let text = "";
  let end = -1;
  for (const span of spans) {
    if (span.end <= end) continue;
    text += text ? between(claim, end, span.start) + span.text.slice(Math.max(0, end - span.start)) : span.text;
    end = span.end;
  }
  const words = (text || claim.evidence[0].text).replace(/\s+/g, " ");
  return apart ? `${words}: ${figure(quantity)}` : words;
}

/** Return what stands between two places of a claim: a few words as they are, more of them as a gap. */
function between(claim, from, to) {
  if (to <= from) return "";
  const sentence = claim.evidence.find((span) => span.start <= from && to <= span.end);
  const points = sentence && to - from <= SMALL_GAP ? new CodePoints(sentence.text) : null;
  return points ? points.slice(from - sentence.start, to - sentence.start) : to - from === 1 ? " " : " … ";
}

const SMALL_GAP = 12; // code points

/** Return who says a claim, first source first. */
export const speaker = (claim) => (claim.attribution.sources.length ? claim.attribution.sources.map((source) => source.text).join(", via ") : "the outlet itself");

/** Return the name a claim's source is filtered by. */
export function sourceName(claim) {
  const [first] = claim.attribution.sources;
  return first ? (first.canonical ?? first.text) : "the outlet itself";
}
