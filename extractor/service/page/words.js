// Values in words, as the command line's tables have them.

const COMPARATORS = {
  exact: "", about: "about ", at_least: "at least ", at_most: "at most ", more_than: "more than ", less_than: "less than ", range: "", vague: "at least ",
};

/** How what a figure counts lies in time. */
export const MEASURES = { period: "counted over a period", cumulative: "a running total", snapshot: "at one time" };

/** Return the name of a value of a fixed list as people write it. */
export const label = (name) => name.replaceAll("_", " ");

/** Return the words as a sentence: they begin large and end with a stop. */
export const sentence = (words) => words[0].toUpperCase() + words.slice(1) + (/[.!?…]["”)]?$/.test(words) ? "" : ".");

/** Return "1 claim", "2 claims". */
export const count = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;

/** Return those parts that say something, with commas. */
export const listed = (...parts) => parts.filter(Boolean).join(", ");

/** Return a number with its thousands apart; beyond what JavaScript can count exactly it says so. */
export function grouped(number) {
  if (number === null || number === undefined) return "open";
  const exact = !Number.isInteger(number) || Number.isSafeInteger(number);
  return (exact ? "" : "≈ ") + number.toLocaleString("en-US", { maximumFractionDigits: 20 });
}

/** Return a figure as it was understood: "about 239,500 soldiers". */
export function figure(quantity) {
  const { value, low, high, comparator, unit } = quantity;
  const known = (number) => number !== null && number !== undefined;
  let text = quantity.text;
  if (known(value)) text = COMPARATORS[comparator] + grouped(value);
  else if (comparator === "range" && (known(low) || known(high))) text = `${grouped(low)} to ${grouped(high)}`;
  else if (known(low)) text = `at least ${grouped(low)}`;
  return unit ? `${text} ${unit}` : text;
}

/** Return the days a time was resolved to. */
export function days(time) {
  const { start_date: first, end_date: last } = time;
  if (!first && !last) return "no day settled";
  if (first === last) return first;
  return first && last ? `${first} to ${last}` : first ? `from ${first}, end open` : `until ${last}`;
}
