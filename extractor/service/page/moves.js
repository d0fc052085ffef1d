// Moving about the reading view, by pointer and by keys.
import { byId } from "./dom.js";

/** Listen to everything a person points at, presses or types in the reading view. */
export function offerMoves(reading) {
  const { article, list, selection, tip } = reading;
  const text = byId("article");
  const view = byId("reading");
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const reveal = (element) => element?.scrollIntoView({ block: "nearest", behavior: calm() ? "instant" : "smooth" });
  const showPlace = (element) => scrollWithin(text, element, calm());
  const claimsOf = (marks) => [...new Set(marks.map((mark) => mark.claim).filter((id) => id !== null))];
  const say = (words) => (byId("live").textContent = words);

  text.addEventListener("pointerover", (event) => {
    const { target, pointerType } = event;
    if (!moved(event)) return;
    const owner = target.closest?.("mark, .planted, .unread");
    const marks = owner ? article.marksOf(owner) : [];
    tip.show(owner, marks);
    if (pointerType === "mouse" && claimsOf(marks).length) selection.point(claimsOf(marks), { quiet: true });
    else selection.leave();
  });
  text.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse" && moved(event)) tip.hide();
    selection.leave();
  });
  text.addEventListener("click", ({ target }) => {
    const owner = target.closest("mark");
    if (!owner || getSelection().toString()) return;
    const claims = claimsOf(article.marksOf(owner));
    tip.show(owner, article.marksOf(owner));
    selection.choose(claims);
    if (innerWidth > 832) reveal(list.element(claims[0]));
  });
  text.addEventListener("focusin", ({ target }) => {
    if (target === text) return;
    const marks = article.marksOf(target);
    tip.show(target, marks);
    selection.choose(claimsOf(marks));
    say(tip.words);
  });
  text.addEventListener("focusout", () => tip.hide());
  text.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      const next = article.neighbour(event.target, step);
      event.preventDefault();
      next?.focus({ preventScroll: true });
      reveal(next);
    } else if (event.key === "Enter" && event.target !== text) {
      event.preventDefault();
      goTo(claimsOf(article.marksOf(event.target))[0]);
    }
  });
  document.addEventListener("scroll", () => tip.follow(), { passive: true, capture: true }); // of the window and of every pane

  const holder = (target) => target.closest?.("[data-claim]");
  for (const place of [byId("cards"), byId("table")]) {
    place.addEventListener("pointerover", (event) => {
      const { target } = event;
      if (event.pointerType !== "mouse" || !moved(event)) return;
      const claim = holder(target);
      const span = place.id === "cards" ? spanOf(target.closest("[data-span]")) : null;
      if (claim) selection.point([claim.dataset.claim], { span });
      else selection.leave();
    });
    place.addEventListener("pointerleave", () => selection.leave());
    place.addEventListener("focusin", ({ target }) => {
      const claim = holder(target);
      if (!claim) return;
      list.reach(claim);
      selection.choose([claim.dataset.claim]);
      showPlace(article.first(claim.dataset.claim));
    });
    place.addEventListener("keydown", (event) => {
      const claim = holder(event.target);
      if (!claim || event.target !== claim) return;
      const next = { ArrowDown: 1, ArrowUp: -1, Home: "Home", End: "End" }[event.key];
      if (next) {
        event.preventDefault();
        list.neighbour(claim, next)?.focus();
      } else if (event.key === "Enter") {
        event.preventDefault();
        const words = article.first(claim.dataset.claim);
        words?.focus({ preventScroll: true });
        showPlace(words);
        reveal(words);
      }
    });
  }

  view.addEventListener("click", ({ target }) => {
    const { note, goto: claim, at } = target.dataset;
    if (note) byId("notes").querySelector(`[data-letter="${CSS.escape(note)}"]`)?.focus();
    else if (claim) goTo(claim);
    else if (at) goToPlace(Number(at));
  });
  byId("notes").addEventListener("focusin", ({ target }) => chooseNote(target.closest("[data-covers]")));
  byId("notes").addEventListener("pointerover", (event) => {
    if (!moved(event)) return;
    const covers = event.target.closest("[data-covers]")?.dataset.covers;
    if (event.pointerType === "mouse" && covers) selection.point(covers.split(" "));
    else selection.leave();
  });
  byId("notes").addEventListener("pointerleave", () => selection.leave());
  byId("notes").addEventListener("click", ({ target }) => {
    const place = target.closest("[data-span]");
    if (place && target.tagName !== "BUTTON") goToPlace(spanOf(place).start);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || view.hidden || document.querySelector("dialog[open]")) return;
    tip.hide();
    selection.clear();
    if (text.contains(document.activeElement)) text.focus({ preventScroll: true });
  });

  function goTo(id) {
    const element = list.element(id);
    if (!element) return;
    element.focus({ preventScroll: true });
    reveal(element);
  }

  function goToPlace(start) {
    const element = article.at(start);
    showPlace(element);
    reveal(element);
  }

  function chooseNote(note) {
    if (!note) return;
    selection.choose(note.dataset.covers.split(" ").filter(Boolean));
    showPlace(article.at(spanOf(note).start));
  }
}

/** Scroll `pane` alone until it shows `element`: a page that moves while a button is pressed takes the button away from under the pointer. */
function scrollWithin(pane, element, calm) {
  if (!element) return;
  const [place, frame] = [element.getBoundingClientRect(), pane.getBoundingClientRect()];
  const margin = 24;
  if (place.top >= frame.top + margin && place.bottom <= frame.bottom - margin) return;
  pane.scrollBy({ top: place.top - frame.top - (pane.clientHeight - place.height) / 2, behavior: calm ? "instant" : "smooth" });
}

let last = "";
const where = ({ screenX, screenY }) => `${screenX} ${screenY}`;
for (const type of ["pointerdown", "pointermove"]) document.addEventListener(type, (event) => (last = where(event)), { passive: true, capture: true });

/** Tell whether the pointer has moved; where the page moves under it instead, nobody points at anything. */
const moved = (event) => where(event) !== last;

/** Return the place an element names, in code points. */
function spanOf(element) {
  if (!element) return null;
  const [start, end] = element.dataset.span.split(":").map(Number);
  return { start, end };
}
