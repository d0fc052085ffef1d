// The header an article may begin with, as the service's reader of text files knows it; here only to show what it says.

const FRONT_MATTER = /^\ufeff?---[ \t]*\r?\n([^]*?)^---[ \t]*(?:\r?\n|(?![^]))/m;
const LEADING_DATE = /^\ufeff?\s*date:?\s+(\d{4}-\d{2}-\d{2})(?=\s)\s*/i;
const KEYS = { published: "published", date: "published", title: "title", publisher: "publisher", outlet: "publisher" };

/** Return { length, published, title, publisher } of a text's header; length 0 where it has none. */
export function header(text) {
  const start = text.slice(0, 20_000);
  const front = FRONT_MATTER.exec(start);
  if (front?.index === 0) {
    const found = { length: front[0].length };
    for (const [, key, value] of front[1].matchAll(/^([A-Za-z_]+):[ \t]*(.*)$/gm)) {
      const bare = value.trimEnd().replace(/^["']+|["']+$/g, "");
      if (KEYS[key.toLowerCase()] && bare) found[KEYS[key.toLowerCase()]] = bare;
    }
    return found;
  }
  const leading = LEADING_DATE.exec(start);
  return leading ? { length: leading[0].length, published: leading[1] } : { length: 0 };
}
