// Keeps what is typed while it is typed, so that a closed window or a flat battery loses nothing.
//
// What is kept waits beside the record until the person saves it. A screen reader hears when
// keeping begins, fails and works again, not every few seconds.

const PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60000;

function clock() {
  return new Date().toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit", hour12: true });
}

function watch(form) {
  const words = form.querySelector("[data-autosave-words]");
  const voice = form.querySelector("[data-autosave-voice]");
  const version = form.elements.version;
  let timer = 0;
  let failures = 0;
  let leaving = false;
  let stopped = false;
  let busy = false;
  let spoken = "";

  // The version moves with each keeping, which is no change by the person.
  function content() {
    const data = new URLSearchParams(new FormData(form));
    data.delete("version");
    data.delete("seen");
    return data.toString();
  }
  // A form that came back because it could not be saved holds what is kept nowhere.
  let kept = "unsaved" in form.dataset ? "" : content();

  function say(text, kind) {
    words.textContent = text;
    words.classList.toggle("fa-autosave--failed", kind === "failed");
    if (kind !== spoken) {
      voice.textContent = text;
      spoken = kind;
    }
  }

  // What the answer says the page has to send next time.
  function take(answer) {
    version.value = answer.version;
    if (answer.seen !== undefined) {
      form.elements.seen.value = answer.seen;
    }
  }

  function keptWords() {
    return form.dataset.kept === "saved"
      ? `Saved (${clock()}).`
      : `What you typed is kept (${clock()}). Save to make it part of the record.`;
  }

  function send(keepalive) {
    const body = new URLSearchParams(new FormData(form));
    return fetch(form.dataset.autosave, {
      method: "POST",
      body,
      keepalive,
      headers: { Accept: "application/json" },
    });
  }

  async function keep() {
    const now = content();
    if (leaving || stopped || busy || now === kept) {
      return;
    }
    busy = true;
    try {
      const response = await send(false);
      if (response.status === 401 || response.redirected) {
        say("You are signed out. What you typed is still here: save, and sign in again.", "failed");
        stopped = true;
      } else if (response.status >= 400 && response.status < 500 && response.status !== 429) {
        const answer = await response.json().catch(() => ({}));
        say(`Not kept while you type: ${answer.detail || "save to see why."}`, "failed");
        stopped = true;
      } else if (!response.ok) {
        throw new Error(`autosave answered ${response.status}`);
      } else {
        take(await response.json());
        kept = now;
        failures = 0;
        document.dispatchEvent(new CustomEvent("fls:used"));
        say(keptWords(), "kept");
      }
    } catch {
      failures += 1;
      say("Not kept at the moment: no connection. Trying again; do not close this page.", "failed");
    } finally {
      busy = false;
      if (!stopped && !leaving && content() !== kept) {
        plan(Math.min(PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
      }
    }
  }

  function plan(pause) {
    clearTimeout(timer);
    timer = setTimeout(keep, pause);
  }

  function keepNow() {
    if (leaving || stopped || content() === kept) {
      return;
    }
    kept = content();
    if (busy) {
      // One is on its way already; this may be the last chance to send what came after it.
      send(true).catch(() => {});
    } else {
      busy = true;
      // A page that is only hidden comes back, and must know what it has saved.
      send(true)
        .then(async (response) => {
          if (response.ok && !response.redirected) {
            take(await response.json());
          } else {
            kept = "";
          }
        })
        .catch(() => {
          kept = "";
        })
        .finally(() => {
          busy = false;
        });
    }
  }

  if (content() !== kept) {
    plan(PAUSE_MS);
  }
  form.addEventListener("input", () => plan(PAUSE_MS));
  form.addEventListener("change", () => plan(PAUSE_MS));
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(timer);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      keepNow();
    }
  });
  window.addEventListener("pagehide", keepNow);
  window.addEventListener("pageshow", () => {
    leaving = false;
  });
}

document.querySelectorAll("form[data-autosave]").forEach(watch);
