// Shows a question when its condition holds, from the dataset's own conditions in data-asked-if.
//
// A question with an answer is never hidden: the answer would be saved without anybody seeing it.
// It stays with a note, and can be emptied at once. Without scripts all questions are there, with
// their condition in words.

function answerOf(form, key) {
  const checked = form.querySelectorAll(`[name="${key}"]:checked`);
  if (checked.length) {
    return [...checked].map((input) => input.value).join(";");
  }
  const parts = ["day", "month", "year"].map((part) => form.elements[`${key}-${part}`]?.value ?? "");
  const box = form.querySelector(`[name="${key}"]:not([type=radio]):not([type=checkbox])`);
  return (box ? box.value : parts.join("")).trim();
}

function holds(condition, form) {
  if (condition.all) {
    return condition.all.every((part) => holds(part, form));
  }
  if (condition.any) {
    return condition.any.some((part) => holds(part, form));
  }
  if (condition.given) {
    return answerOf(form, condition.given) !== "";
  }
  // Of a question with several answers one of them is enough.
  const given = answerOf(form, condition.key).toUpperCase().split(";");
  return given.some((code) => condition.codes.includes(code));
}

function keysOf(group) {
  return [...group.querySelectorAll('[name="shown"]')].map((input) => input.value);
}

function update(group, form) {
  const asked = holds(JSON.parse(group.dataset.askedIf), form);
  const answered = keysOf(group).some((key) => answerOf(form, key) !== "");
  group.classList.toggle("fa-when--holds", asked);
  group.classList.toggle("fa-when--hidden", !asked && !answered);
}

function empty(group, form) {
  for (const input of group.querySelectorAll("input:not([type=hidden])")) {
    if (input.type === "radio" || input.type === "checkbox") {
      input.checked = false;
    } else {
      input.value = "";
    }
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function button(words, hidden) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "fa-link-button";
  made.textContent = words;
  if (hidden) {
    const more = document.createElement("span");
    more.className = "nhsuk-u-visually-hidden";
    more.textContent = hidden;
    made.append(more);
  }
  return made;
}

// Of two questions, the one before: emptying a group takes the focus with it.
function focusBefore(group, form) {
  const all = [...form.querySelectorAll("input:not([type=hidden]), button")];
  const before = all.filter(
    (field) => group.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_PRECEDING,
  );
  const visible = before.reverse().find((field) => field.offsetParent !== null);
  visible?.focus();
}

// A radio cannot be unticked: with scripts a small button does what the answer “No answer” does
// without them.
function offerEmptying(none, form) {
  const question = none.closest("[data-question]");
  const label = question.querySelector("legend").textContent.trim().replace(/\s+/g, " ");
  const clear = button("Clear", ` the answer to ${label}`);
  const place = document.createElement("p");
  place.className = "fa-clear";
  place.append(clear);
  none.closest(".nhsuk-radios").after(place);
  none.closest(".nhsuk-radios__item").hidden = true;
  const show = () => {
    place.hidden = !question.querySelector("input:checked:not([data-none])");
  };
  clear.addEventListener("click", () => {
    none.checked = true;
    question.querySelector("input[type=radio]").focus();
    form.dispatchEvent(new Event("change", { bubbles: true }));
  });
  form.addEventListener("change", show);
  show();
}

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const groups = [...form.querySelectorAll("[data-asked-if]")];
  const updateAll = () => groups.forEach((group) => update(group, form));
  for (const group of groups) {
    const clear = button("Clear these answers");
    clear.addEventListener("click", () => {
      focusBefore(group, form);
      empty(group, form);
    });
    group.querySelector(".fa-when__note p").append(" ", clear);
  }
  form.querySelectorAll("[data-none]").forEach((none) => offerEmptying(none, form));
  form.addEventListener("input", updateAll);
  form.addEventListener("change", updateAll);
  window.addEventListener("pageshow", updateAll);
  updateAll();
}
