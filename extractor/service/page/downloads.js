// Downloads: JSON from what is in hand, CSV and HTML from the service, which remembers the article and asks nobody for it.

/** Hand `content` to the person as a file. */
export function save(content, name, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Return a file name made of a headline, in plain letters. */
export function fileName(title, ending) {
  const plain = (title ?? "").normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase().slice(0, 60);
  return `${plain || "claims"}.claims.${ending}`;
}

/** Return JSON with its lines indented, every value exactly as it stands: numbers are never read, so none is rounded. */
export function indented(json) {
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  return json.replace(TOKEN, (token, empty) => {
    if (empty || token.startsWith('"')) return empty ?? token;
    if (token === "{" || token === "[") return (depth += 1), token + line();
    if (token === "}" || token === "]") return (depth -= 1), line() + token;
    if (token === ",") return token + line();
    return token === ":" ? ": " : "";
  });
}

const TOKEN = /"(?:[^"\\]|\\.)*"|(\{\}|\[\])|[{}[\],:]|\s+/g;
