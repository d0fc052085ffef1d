// Elements are built, never parsed from text: a string only ever becomes a text node or the value of a harmless attribute.
import { shown } from "./characters.js";

/** Return the element of this page that has the id. */
export const byId = (id) => document.getElementById(id);

/** Return a new element. Properties that begin with "on" are listeners, true is an empty attribute, null and false none. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

/** Return words of the article as an element that neither reads into its neighbours' direction nor hides a character. */
export const said = (text, tag = "span", properties = {}) => make(tag, { dir: "auto", ...properties, class: `said ${properties.class ?? ""}` }, shown(text));

/** Put the children in the place of whatever the element holds. */
export function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
}

/** Bring the children of `parent` into the order of `wanted`, moving as few as possible; others are removed. */
export function arrange(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of wanted) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

function add(element, children) {
  for (const child of children.flat(3)) if (child !== null && child !== undefined && child !== false) element.append(child);
}
