// Shows what was typed into the password fields, and says when Caps Lock is on. Without scripts, neither is available.
const fields = [...document.querySelectorAll("input[data-secret]")];
const button = document.querySelector("[data-show]");
const caps = document.querySelector("[data-caps]");

function show(shown) {
  for (const field of fields) field.type = shown ? "text" : "password";
  button.textContent = shown ? button.dataset.hide : button.dataset.show;
}

function capsLock(event) {
  // When the browser fills in the field, the event has no key data.
  caps.textContent = event.getModifierState?.("CapsLock") ? caps.dataset.caps : "";
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", () => show(fields[0].type === "password"));
  // Hidden again before it is sent, and for the back button.
  button.form.addEventListener("submit", () => show(false));
  addEventListener("pagehide", () => show(false));
}
if (caps) {
  for (const field of fields) {
    field.addEventListener("keydown", capsLock);
    field.addEventListener("keyup", capsLock);
    field.addEventListener("blur", () => { caps.textContent = ""; });
  }
}
