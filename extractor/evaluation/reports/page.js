"use strict";
const one = (selector) => document.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const labels = JSON.parse(one("#labels").textContent);
const lines = all(".list tbody tr");
const body = one(".list tbody");
const viewer = one(".viewer"), opened = one(".opened"), head = one(".head"), article = one("article"), results = one(".results");
const UNSEEN = /([\p{Cf}\p{Cc}\p{Cs}\p{Co}\p{Cn}])/u;
const KINDS = { matched: "Found", missed: "Missed: gold that was not found", invented: "Invented: not in gold", duplicate: "Found once more", optional: "Optional gold that was not found" };

/* Text from articles and answers is laid out as text and nothing else; what cannot be seen is shown by its code. */
const said = (text) => String(text).split(UNSEEN).filter((part) => part !== "").map((part) => {
  if (!UNSEEN.test(part) || part === "\n" || part === "\t") return document.createTextNode(part);
  return made("span", "hidden-character", document.createTextNode("U+" + part.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")));
});
const made = (tag, css, ...parts) => {
  const element = document.createElement(tag);
  if (css) element.className = css;
  parts.flat().filter((part) => part !== null && part !== undefined).forEach((part) => element.append(...(part instanceof Node ? [part] : said(part))));
  return element;
};
const percent = (value) => (value === null || value === undefined ? "\u2013" : (100 * value).toFixed(1));

const highlight = (rows) => {
  article.classList.toggle("dim", rows.length > 0);
  all(".mark", article).forEach((mark) => mark.classList.toggle("on", mark.dataset.rows.split(" ").some((row) => rows.includes(row))));
  all(".result", results).forEach((card) => card.classList.toggle("on", rows.includes(card.dataset.row)));
};
const within = (pane, element) => {
  if (element) pane.scrollTop += element.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 4;
};

const layText = (data, answer) => {
  const letters = [...data.text];
  const edges = new Set([0, letters.length]);
  answer.pieces.forEach(([start, end]) => edges.add(start).add(end));
  data.planted.forEach(([start, end]) => edges.add(start).add(end));
  const at = new Map(answer.pieces.map((piece) => [piece[0], piece]));
  const order = [...edges].sort((a, b) => a - b);
  let piece = null;
  article.replaceChildren(...order.slice(0, -1).map((start, index) => {
    const end = order[index + 1];
    piece = at.get(start) ?? (piece && piece[1] > start ? piece : null);
    const css = [], [gold, found] = piece ? [piece[2], piece[3]] : [[], []];
    if (gold.length) css.push("gold");
    if (gold.length && gold.every((row) => answer.rows[row].kind !== "matched")) css.push("lost");
    if (found.length) css.push("answer");
    if (found.length && found.every((row) => answer.rows[row].kind !== "matched")) css.push("new");
    if (data.planted.some(([from, to]) => from <= start && end <= to)) css.push("planted");
    if (piece) css.push("mark");
    const element = made("span", css.join(" "), letters.slice(start, end).join(""));
    if (piece) {
      const rows = [...new Set([...gold, ...found])].map(String);
      element.dataset.rows = rows.join(" ");
      element.addEventListener("mouseenter", () => highlight(rows));
      element.addEventListener("mouseleave", () => highlight([]));
      element.addEventListener("click", () => within(results, one(`.result[data-row="${rows[0]}"]`)));
    }
    return element;
  }));
};

const field = (name) => labels.fields[name] ?? name.replaceAll("_", " ");
const sides = (gold, found, same) => {
  const cells = [made("td", "", gold), ...(same ? [] : [made("td", "", found)])];
  if (same) cells[0].colSpan = 2;
  return cells;
};
const cellLine = ([name, outcome, alike, gold, found]) => {
  const line = made("tr", outcome, made("th", "", field(name)));
  line.firstChild.title = outcome;
  line.append(...sides(gold ?? "\u2013", found ?? "\u2013", outcome === "right" && gold === found));
  line.append(made("td", "alike", alike > 0 && alike < 1 ? alike.toFixed(2) : ""));
  return line;
};
const shortly = (id, article) => (id.startsWith(`${article}-`) ? id.slice(article.length + 1) : /^[0-9a-f]{16,}$/.test(id) ? id.slice(0, 8) : id);
const card = (row, index, name) => {
  const matched = row.kind === "matched", filled = row.cells.filter((cell) => cell[1] !== "empty");
  const whole = matched && filled.every((cell) => cell[1] === "right");
  const lone = filled.length === 1 && !matched;
  const element = made("div", `result ${row.kind}${whole ? " whole" : ""}${lone ? " lone" : ""}`);
  const top = made("p", "");
  if (matched) top.append(made("span", "score", percent(row.score)), made("span", "", row.strict ? "strictly right" : "not strictly right"));
  top.append(...row.errors.map((name) => made("span", "error", labels.errors[name] ?? name.replaceAll("_", " "))));
  const ids = made("span", "ids", row.ids.filter((id) => id).map((id) => shortly(id, name)).join(" \u2194 "));
  ids.title = made("i", "", row.ids.filter((id) => id).join(" \u2194 ")).textContent;
  top.append(ids);
  if (!matched) top.prepend(made("span", "", lone ? `${field(filled[0][0])}: ` : "", row.shown[0] ?? row.shown[1] ?? ""));
  element.append(top);
  if (matched && filled.length) {
    const table = made("table", "", made("tbody", "", filled.map(cellLine)));
    const [gold, found] = [row.shown[0] ?? "gold", row.shown[1] ?? "answer"];
    table.prepend(made("thead", "", made("tr", "", made("th", ""), sides(gold, found, gold === found), made("td", "alike"))));
    element.append(table);
  } else if (!lone) element.append(made("div", "rest", filled.map((cell) => `${field(cell[0])}: ${cell[3] ?? cell[4]}`).join(" \u00b7 ")));
  const empty = row.cells.filter((cell) => cell[1] === "empty").map((cell) => field(cell[0]));
  if (matched && empty.length) element.append(made("div", "rest", `rightly empty: ${empty.join(", ")}`));
  element.dataset.row = index;
  element.tabIndex = 0;
  ["mouseenter", "focus"].forEach((event) => element.addEventListener(event, () => highlight([String(index)])));
  ["mouseleave", "blur"].forEach((event) => element.addEventListener(event, () => highlight([])));
  element.addEventListener("click", () => within(article, all(".mark.on", article)[0]));
  return element;
};

const show = (line, repeat) => {
  const data = JSON.parse(one(`#article-${line.dataset.article}`).textContent);
  const answer = data.answers[repeat] ?? data.answers[0];
  const windows = Object.entries(answer.windows).map(([name, many]) => `${many} ${name}`).join(", ");
  const facts = [`score ${percent(answer.score)}`, `answer ${answer.status}`, windows && `windows: ${windows}`, answer.rejections && `${answer.rejections} drafts thrown out`,
    `${answer.seconds.toFixed(1)} s`, `${answer.tokens[0]} tokens read, ${answer.tokens[1]} written`].filter((fact) => fact);
  const shut = made("button", "close", "close");
  shut.addEventListener("click", close);
  head.replaceChildren(shut, made("h3", "", data.title ?? data.id), made("p", "", [data.title ? data.id : "", ...data.about].filter((part) => part).join(" \u00b7 ")), made("p", "", facts.join(" \u00b7 ")));
  if (answer.error) head.append(made("p", "fault", answer.error));
  if (data.answers.length > 1) {
    head.append(made("p", "", data.answers.map((other, index) => {
      const button = made("button", "", `repetition ${index + 1}: ${percent(other.score)}`);
      button.setAttribute("aria-pressed", String(other === answer));
      button.addEventListener("click", () => go(line, index));
      return button;
    })));
  }
  const legend = [["gold", "gold, found"], ["gold lost", "gold, missed"], ["answer", "answer, matched"], ["answer new", "answer, not in gold"]];
  if (data.planted.length) legend.push(["planted", "planted instruction"]);
  head.append(made("p", "legend", legend.map(([css, text]) => made("span", css, text))));
  layText(data, answer);
  const groups = Object.keys(KINDS).map((kind) => [kind, answer.rows.map((row, index) => [row, index]).filter(([row]) => row.kind === kind)]);
  results.replaceChildren(...groups.filter(([, rows]) => rows.length).flatMap(([kind, rows]) => [made("h4", "", `${KINDS[kind]} (${rows.length})`), ...rows.map(([row, index]) => card(row, index, data.id))]));
  if (!answer.rows.length) results.append(made("p", "note", "No results, and none in gold."));
  article.scrollTop = results.scrollTop = 0;
  lines.forEach((other) => other.classList.toggle("on", other === line));
  viewer.classList.add("open");
  opened.hidden = false;
  line.scrollIntoView({ block: "nearest" });
};

const linkOf = (line) => line.querySelector("a").getAttribute("href");
const go = (line, repeat = 0) => { location.hash = linkOf(line) + (repeat ? `/${repeat + 1}` : ""); };
const close = () => {
  viewer.classList.remove("open");
  opened.hidden = true;
  lines.forEach((line) => line.classList.remove("on"));
  if (location.hash.startsWith("#article/")) history.replaceState(null, "", "#articles");
};
const follow = () => {
  if (!location.hash.startsWith("#article/")) return;
  const [, name, repeat] = location.hash.split("/");
  const line = lines.find((each) => linkOf(each) === `#article/${name}`);
  if (!line) return;
  show(line, repeat ? Number(repeat) - 1 : 0);
  one("#articles").scrollIntoView();
};

const find = one("#find"), name = one("#name"), differences = one("#differences"), many = one("#many");
const visible = () => [...body.rows].filter((line) => !line.hidden);
const filter = () => {
  const words = name.value.toLowerCase();
  lines.forEach((line) => {
    const has = !find.value || line.dataset.has.split(" ").includes(find.value);
    line.hidden = !has || !line.firstChild.textContent.toLowerCase().includes(words);
  });
  many.textContent = `${visible().length} of ${lines.length}`;
};
const step = (by) => {
  const shown = visible();
  const now = shown.findIndex((line) => line.classList.contains("on"));
  const next = shown[now < 0 ? 0 : now + by];
  if (next) go(next);
};
const sortBy = (column, heading) => {
  const up = heading.getAttribute("aria-sort") !== "ascending";
  all(".list thead th").forEach((other) => other.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", up ? "ascending" : "descending");
  const key = (line) => line.cells[column].dataset.by;
  const compare = column ? (a, b) => key(a) - key(b) : (a, b) => key(a).localeCompare(key(b));
  body.append(...[...body.rows].sort((a, b) => (up ? 1 : -1) * compare(a, b)));
};

one(".bar").hidden = false;
all(".list thead th").forEach((heading, column) => {
  const button = made("button", "", heading.textContent);
  button.addEventListener("click", () => sortBy(column, heading));
  heading.replaceChildren(button);
});
lines.forEach((line) => line.addEventListener("click", (event) => { if (event.target.tagName !== "A") go(line); }));
find.addEventListener("change", filter);
name.addEventListener("input", filter);
differences.addEventListener("change", () => results.classList.toggle("only", differences.checked));
all("[data-find]").forEach((link) => link.addEventListener("click", () => { find.value = link.dataset.find; filter(); }));
const KEYS = { j: () => step(1), k: () => step(-1), d: () => differences.click(), Escape: close };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "SELECT"].includes(event.target.tagName) && event.key !== "Escape") return;
  if (KEYS[event.key]) { KEYS[event.key](); event.preventDefault(); }
});
window.addEventListener("hashchange", follow);
one(".list thead th:nth-child(2)").setAttribute("aria-sort", "ascending");
filter();
follow();
