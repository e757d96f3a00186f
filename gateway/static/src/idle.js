// Warns before a session ends because nothing was done, and clears the page when it has.
//
// The session ends by itself on the server; this only tells people in time. What is typed into a
// record is kept while it is typed; a page with anything else typed into it is left as it is.

const WARN_MS = 18 * 60 * 1000;
const END_MS = 20 * 60 * 1000;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("fls-used") : null;

export function watchIdle(notice) {
  const words = notice.querySelector("[data-idle-words]");
  const stay = notice.querySelector("button");
  const forms = [...document.querySelectorAll("main form:not([data-autosave])")];
  const asLoaded = forms.map(content);
  let timers = [];

  function content(form) {
    return new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")).toString();
  }

  function used(tell) {
    timers.forEach(clearTimeout);
    notice.hidden = true;
    timers = [setTimeout(warn, WARN_MS), setTimeout(end, END_MS)];
    if (tell && channel) {
      channel.postMessage("used");
    }
  }

  function warn() {
    words.textContent =
      "You will be signed out in two minutes, because nothing was done for a while. What you type into a record is kept.";
    notice.hidden = false;
  }

  function end() {
    const isTyped = forms.some((form, place) => content(form) !== asLoaded[place]);
    if (!isTyped) {
      const here = window.location.pathname + window.location.search;
      window.location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
      return;
    }
    stay.hidden = true;
    words.textContent =
      "You have been signed out, because nothing was done for 20 minutes. What you have typed is still here: send it, and sign in again.";
  }

  async function stayHere() {
    const answer = await fetch("/still-here", { headers: { Accept: "application/json" } });
    if (answer.ok && !answer.redirected) {
      used(true);
    } else {
      end();
    }
  }

  stay.addEventListener("click", stayHere);
  document.addEventListener("fls:used", () => used(true));
  if (channel) {
    channel.addEventListener("message", () => used(false));
  }
  used(true);
}
