// What went wrong, in a sentence, and what to do about it.
import { visible } from "./characters.js";
import { byId, fill, make } from "./dom.js";
import { count } from "./words.js";

const FIELDS = { "#/text": "The article", "#/published": "The publication date", "#/model": "The model" };
const PASSING = [0, 408, 409, 425, 429]; // and whatever the server itself could not do, or names a time for
let countdown = 0;

/** Show a problem { title, detail, status, errors, retryAfter }; `again` is what the button to try again does, where that may help. */
export function tell({ title, detail, status = 0, errors = [], retryAfter = null }, again = null) {
  hide();
  const places = errors.map(({ pointer, detail: says }) => make("li", {}, `${FIELDS[pointer] ?? visible(String(pointer))}: ${visible(String(says))}`));
  const retry = again && (status >= 500 || retryAfter !== null || PASSING.includes(status)) && make("button", { type: "button", onclick: () => (hide(), again()) }, "Try again");
  fill(
    byId("problem"),
    make("div", {}, make("h2", {}, visible(title)), detail && make("p", {}, visible(detail)), places.length > 0 && make("ul", {}, places)),
    make("div", { class: "tools" }, retry, make("button", { type: "button", class: "quiet", onclick: hide }, "Dismiss")),
  );
  byId("problem").hidden = false;
  if (retry && retryAfter > 0) countDown(retry, Math.ceil(retryAfter));
}

/** Take the problem away; a focus within goes to what the problem was about. */
export function hide() {
  clearInterval(countdown);
  const within = byId("problem").contains(document.activeElement);
  byId("problem").hidden = true;
  if (within) byId(byId("reading").hidden ? "text" : "reading-title").focus({ preventScroll: true });
}

function countDown(button, seconds) {
  const ends = performance.now() + seconds * 1000;
  button.disabled = true;
  button.setAttribute("aria-live", "off");
  const show = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    button.textContent = left > 0 ? `Try again in ${left > 90 ? count(Math.ceil(left / 60), "minute") : `${left} s`}` : "Try again";
    button.disabled = left > 0;
    if (left <= 0) clearInterval(countdown);
  };
  show();
  countdown = setInterval(show, 500);
}
