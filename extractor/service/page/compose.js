// The form: an article, when it was published, whom to ask.
import { CodePoints, visible } from "./characters.js";
import { byId, fill, make } from "./dom.js";
import { read } from "./files.js";
import { header } from "./headers.js";
import { example, examples, models } from "./service.js";
import { count } from "./words.js";

/** The form. `onExtract` gets a request's body and the header of its text; `onFault` a title and a sentence. */
export class Compose {
  #opened = null; // a file's own text: a field of a form would change its line ends, and with them every place
  #models = [];
  #onFault;

  constructor({ onExtract, onFault }) {
    this.#onFault = onFault;
    const text = byId("text");
    text.addEventListener("input", () => this.#describe());
    byId("published").addEventListener("input", () => this.#describe());
    byId("model").addEventListener("input", () => this.#tellWhere());
    byId("compose").addEventListener("submit", (event) => {
      event.preventDefault();
      const article = this.article();
      if (article) onExtract(article, header(article.text));
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || byId("compose").hidden) return;
      event.preventDefault();
      byId("compose").requestSubmit();
    });
    byId("file").addEventListener("change", ({ target }) => {
      this.#open(target.files);
      target.value = "";
    });
    this.#takeDrops();
  }

  /** Offer the models that are served; a single one is no choice. */
  async offerModels() {
    this.#models = await models();
    fill(byId("model"), this.#models.map((model) => make("option", { value: model.id, selected: model.default }, visible(model.id))));
    byId("model-field").hidden = this.#models.length < 2;
    this.#tellWhere();
  }

  /** Return the body of a request; null, and the person told, where there is no article. */
  article() {
    const text = this.#text();
    if (!text.trim()) {
      this.#onFault("There is no article yet", "Paste or type one, drop a text file, or choose an example.");
      byId("text").focus();
      return null;
    }
    const published = byId("published").value || null;
    const model = this.#models.length > 1 ? byId("model").value : null;
    return { text, ...(published && { published }), ...(model && { model }) };
  }

  /** Put `text` into the form. */
  put(text) {
    byId("text").value = text;
    this.#opened = { text, shown: byId("text").value };
    byId("published").value = "";
    byId("text").scrollTop = 0;
    this.#describe();
  }

  #text() {
    return this.#opened?.shown === byId("text").value ? this.#opened.text : byId("text").value;
  }

  #describe() {
    const text = this.#text();
    byId("count").textContent = text ? count(new CodePoints(text).length, "character") : "";
    const { published } = header(text);
    const hint = published
      ? `The text's header says ${visible(published).slice(0, 40)}; a date here would win.`
      : "Without a date, words such as “on Wednesday” stay unresolved.";
    byId("published-hint").textContent = byId("published").value ? "Words such as “on Wednesday” are reckoned from it." : hint;
  }

  #tellWhere() {
    const chosen = this.#models.find((model) => model.id === byId("model").value) ?? this.#models[0];
    if (!chosen) return;
    const where = chosen.local ? "on the service’s own machine; the article goes nowhere else" : "by its provider, to whom the service sends the article";
    byId("where-read").textContent = `Read by ${visible(chosen.id)} ${where}.`;
  }

  /** Offer the articles that ship with the service; where they cannot be had, none. */
  async offerExamples() {
    const found = await examples().catch(() => []);
    const choose = async (name) => {
      try {
        this.put(await example(name));
        byId("extract").focus();
      } catch (error) {
        this.#onFault(error.title, error.detail);
      }
    };
    fill(byId("examples"), found.map(({ name, title, publisher }) => make("li", {}, make("button", { type: "button", class: "example", onclick: () => choose(name) }, make("span", {}, visible(title)), publisher && make("span", { class: "soft" }, visible(publisher))))));
    byId("examples-field").hidden = found.length === 0;
  }

  async #open(files) {
    if (files.length !== 1) {
      if (files.length) this.#onFault("One article at a time", "Several were given. Many articles at once are the business of POST /v1/jobs or of the command line.");
      return;
    }
    try {
      this.put(await read(files[0]));
      byId("extract").focus();
    } catch (error) {
      this.#onFault("This file cannot be read", visible(error.message));
    }
  }

  #takeDrops() {
    const shade = byId("drop");
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    let within = 0;
    const reset = () => {
      within = 0;
      shade.hidden = true;
    };
    addEventListener("dragenter", (event) => {
      if (!hasFiles(event)) return;
      within += 1;
      shade.hidden = byId("compose").hidden;
    });
    addEventListener("dragleave", (event) => hasFiles(event) && (within -= 1) <= 0 && reset());
    addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault(); // otherwise the browser would leave the page for the file
      reset();
      if (!byId("compose").hidden) this.#open(event.dataTransfer.files);
    });
  }
}
