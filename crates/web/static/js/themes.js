// Light or dark without a new page, so that a recording in memory is not lost by it.

/** Takes over the theme switch; without this script it is an ordinary form. */
export function watchThemes() {
  const form = document.querySelector("[data-themes]");
  if (!(form instanceof HTMLFormElement)) return;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    document.documentElement.dataset.theme = button.value;
    for (const other of form.querySelectorAll("button")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    const body = new URLSearchParams({ theme: button.value });
    await fetch(form.action, { method: "POST", body, headers: { "X-Partial": "1" } }).catch(() => undefined);
  });
}
