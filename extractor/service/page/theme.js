// Colours: as the system has them, or light, or dark.

const NEXT = { auto: "light", light: "dark", dark: "auto" };

/** Make `button` go through the colours. */
export function offerThemes(button) {
  let theme = "auto";
  button.addEventListener("click", () => {
    theme = NEXT[theme];
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Colours: ${theme}`;
  });
}
