// Follows an import without reloading the page.
//
// The element carries data-progress (the address to ask) and data-state (the state it shows). While
// the state stays the same only the bar and its numbers move; when it changes, the server sends the
// section anew. A screen reader hears a change of stage and every tenth of the way, not every row.

const PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 30000;

export function watchProgress(section) {
  let failures = 0;
  let spokenStage = "";
  let spokenTenth = -1;

  function say(answer) {
    const voice = document.getElementById("progress-voice");
    const tenth = answer.percent === null ? -1 : Math.floor(answer.percent / 10);
    if (voice && (answer.stage !== spokenStage || tenth !== spokenTenth)) {
      voice.textContent = answer.spoken;
      spokenStage = answer.stage;
      spokenTenth = tenth;
    }
  }

  function show(answer) {
    if (answer.html !== null) {
      section.innerHTML = answer.html;
      section.dataset.state = answer.state;
    } else {
      const bar = section.querySelector("progress");
      const words = section.querySelector("[data-progress-words]");
      if (bar && answer.percent === null) {
        bar.removeAttribute("value");
      } else if (bar) {
        bar.value = answer.percent;
      }
      if (words) {
        words.textContent = answer.words;
      }
      const queue = section.querySelector("[data-progress-queue]");
      if (queue) {
        queue.textContent = answer.queue;
      }
    }
    say(answer);
  }

  async function ask() {
    if (document.hidden) {
      return true;
    }
    const address = new URL(section.dataset.progress, window.location.origin);
    address.searchParams.set("state", section.dataset.state);
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (response.redirected || response.status === 401 || response.status === 403) {
      // Signed out meanwhile: the page itself leads to the sign-in page and back.
      window.location.reload();
      return false;
    }
    if (!response.ok) {
      throw new Error(`progress answered ${response.status}`);
    }
    const answer = await response.json();
    show(answer);
    return !answer.settled;
  }

  async function turn() {
    let goOn = true;
    try {
      goOn = await ask();
      failures = 0;
    } catch {
      failures += 1;
    }
    if (goOn) {
      setTimeout(turn, Math.min(PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
    }
  }

  if (section.dataset.settled !== "yes") {
    setTimeout(turn, PAUSE_MS);
  }
}
