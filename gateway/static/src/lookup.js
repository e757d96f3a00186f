// Asks, as soon as ten digits are typed, whether the number is right and recorded here already.

const PAUSE_MS = 300;
const DIGITS = 10;

function watch(form) {
  const box = form.elements.nhs_number;
  const place = document.getElementById("lookup");
  const voice = document.getElementById("lookup-voice");
  let timer = 0;
  let asked = "";

  function number() {
    return box.value.replace(/[\s-]/g, "");
  }

  function show(html, spoken) {
    place.innerHTML = html;
    voice.textContent = spoken;
  }

  async function ask() {
    const typed = number();
    if (typed === asked) {
      return;
    }
    asked = typed;
    const body = new URLSearchParams({
      csrf_token: form.elements.csrf_token.value,
      nhs_number: typed,
    });
    try {
      const response = await fetch(form.dataset.lookup, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
      });
      if (!response.ok || response.redirected) {
        throw new Error(`look-up answered ${response.status}`);
      }
      const answer = await response.json();
      if (typed === number()) {
        show(answer.html, answer.spoken);
      }
    } catch {
      // The form asks the same when it is sent.
      asked = "";
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    if (number() !== asked) {
      show("", "");
      asked = "";
    }
    if (number().length >= DIGITS) {
      timer = setTimeout(ask, PAUSE_MS);
    }
  });
  if (number().length >= DIGITS && !place.textContent.trim()) {
    ask();
  }
}

document.querySelectorAll("form[data-lookup]").forEach(watch);
