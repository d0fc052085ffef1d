// The prompt for a key, where the service asks for one.
import { byId } from "./dom.js";
import { key } from "./service.js";

let onUse = () => {};

/** Make the key's dialog work; `whenChanged` is called once a key is used or forgotten. */
export function offerKeys(whenChanged) {
  const dialog = byId("key-dialog");
  byId("key-open").hidden = !key.value;
  byId("key-open").addEventListener("click", () => prompt(() => {}));
  byId("key-cancel").addEventListener("click", () => dialog.close());
  byId("key-forget").addEventListener("click", () => {
    key.use("", false);
    dialog.close();
    whenChanged();
  });
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const value = byId("key").value.trim();
    if (!/^[\x21-\x7e]+$/.test(value)) return wrong("A key is one word of plain letters, digits and signs. Paste it again, whole.");
    key.use(value, byId("key-keep").checked);
    dialog.close();
    whenChanged();
    onUse();
  });
  dialog.addEventListener("close", () => (byId("key").value = ""));
}

/** Ask for a key, then do `then`; `refused` says that the one in use was not taken. */
export function prompt(then, refused = false) {
  onUse = then;
  byId("key-open").hidden = false;
  byId("key-wrong").hidden = true;
  byId("key-forget").hidden = !key.value;
  if (refused) wrong("The service does not take this key. It may be mistyped or revoked.");
  byId("key-dialog").showModal();
}

function wrong(says) {
  byId("key-wrong").textContent = says;
  byId("key-wrong").hidden = false;
}
