const slots = [...document.querySelectorAll("[data-claims]")];
const cards = [...document.querySelectorAll("[data-claim]")];
const article = document.querySelector("article");
const show = (claims) => {
  article.classList.toggle("dim", claims.length > 0);
  slots.forEach((slot) => slot.classList.toggle("on", slot.dataset.claims.split(" ").some((c) => claims.includes(c))));
  cards.forEach((card) => card.classList.toggle("on", claims.includes(card.dataset.claim)));
};
slots.forEach((slot) => {
  slot.addEventListener("mouseenter", () => show(slot.dataset.claims.split(" ")));
  slot.addEventListener("mouseleave", () => show([]));
});
cards.forEach((card) => ["mouseenter", "focus"].forEach((e) => card.addEventListener(e, () => show([card.dataset.claim]))));
cards.forEach((card) => ["mouseleave", "blur"].forEach((e) => card.addEventListener(e, () => show([]))));
