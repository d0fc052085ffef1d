// Claims as a table.
import { visible } from "./characters.js";
import { make, said } from "./dom.js";
import { headline, settledName, speaker } from "./slots.js";
import { days, figure, label } from "./words.js";

const text = (words) => said(words.replace(/\s+/g, " "), "span");

function who(claim) {
  const { sources, stance } = claim.attribution;
  const names = sources.map(settledName).filter(Boolean);
  return [text(speaker(claim)), names.length > 0 && [" ", make("span", { class: "value", dir: "auto" }, visible(names.join(", ")))], stance && stance !== "asserts" && [" ", make("span", { class: "stance" }, stance)]];
}

/** The columns: their heading, how it is called where that is too short, what a cell shows, and what rows are sorted by. */
export const COLUMNS = [
  { name: "No.", called: "number", cell: () => "", by: (claim, number) => number },
  { name: "Who says", cell: (claim) => who(claim), by: (claim) => speaker(claim).toLowerCase() },
  { name: "Claim", cell: (claim) => [text(headline(claim)), claim.polarity === "negated" && [" ", make("span", { class: "negated" }, "negated")]], by: (claim) => headline(claim).toLowerCase() },
  { name: "How many", cell: (claim) => claim.quantity && text(figure(claim.quantity)), by: (claim) => claim.quantity?.value ?? claim.quantity?.low ?? claim.quantity?.high ?? null },
  { name: "When", cell: (claim) => claim.time && [text(claim.time.text), " ", make("span", { class: "value" }, days(claim.time).split(/( to )/).map((part, index) => (index % 2 ? part : make("span", {}, part))))], by: (claim) => claim.time?.start_date ?? claim.time?.end_date ?? null },
  { name: "Where", cell: (claim) => claim.place && text(claim.place.text), by: (claim) => claim.place?.text.toLowerCase() ?? null },
  { name: "Type", cell: (claim) => label(claim.type), by: (claim) => claim.type },
  { name: "Verification", cell: (claim) => claim.verification && make("span", { class: "status", "data-status": claim.verification.status }, label(claim.verification.status)), by: (claim) => claim.verification?.status ?? null },
];

/** Return the heading row; `onSort` is told of the column whose button is pressed. */
export const heading = (onSort) =>
  make("tr", {}, COLUMNS.map((column, index) => make("th", { scope: "col" }, make("button", { type: "button", class: "sort", onclick: () => onSort(index) }, column.name))));

/** Return the row of a claim; its number is put in where it is numbered. */
export const row = (claim) =>
  make("tr", { tabindex: -1, "data-claim": claim.id }, make("th", { scope: "row", class: "number" }), COLUMNS.slice(1).map((column) => make("td", {}, column.cell(claim))));

/** Return claims sorted by a column; what has no value comes last either way. */
export function sorted(claims, numbers, { column, descending }) {
  const keyed = claims.map((claim) => ({ claim, by: COLUMNS[column].by(claim, numbers.get(claim.id)) }));
  const sign = descending ? -1 : 1;
  const order = (a, b) => (a.by === null ? (b.by === null ? 0 : 1) : b.by === null ? -1 : a.by < b.by ? -sign : a.by > b.by ? sign : 0);
  return keyed.sort(order).map(({ claim }) => claim);
}
