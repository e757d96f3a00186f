// Starts the components of NHS.UK frontend and our own few; every page works without any of it.
import { initAll } from "./nhsuk-frontend.js";
import { watchIdle } from "./idle.js";
import { watchProgress } from "./progress.js";

initAll();
document.querySelectorAll("[data-progress]").forEach(watchProgress);
document.querySelectorAll("[data-idle]").forEach(watchIdle);
// A button that must not be pressed twice; the server is safe against it, this is for people's eyes.
document.querySelectorAll("form[data-once]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const waiting = form.querySelector("[data-waiting]");
    if (waiting) {
      waiting.hidden = false;
      waiting.textContent = waiting.dataset.waiting;
    }
  });
});
// Coming back with the back button shows the page as it was left: let the form be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-once]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[data-waiting]").forEach((waiting) => {
      waiting.hidden = true;
    });
  });
});
