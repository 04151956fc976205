// Shows what was typed into the password fields, and says when Caps Lock is on. Without scripts neither is offered.
const fields = [...document.querySelectorAll("input[data-secret]")];
const button = document.querySelector("[data-show]");
const caps = document.querySelector("[data-caps]");

function show(shown) {
  for (const field of fields) field.type = shown ? "text" : "password";
  button.textContent = shown ? button.dataset.hide : button.dataset.show;
}

function capsLock(event) {
  // The event of a browser that fills in by itself has no keys.
  caps.textContent = event.getModifierState?.("CapsLock") ? caps.dataset.caps : "";
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", () => show(fields[0].type === "password"));
  // What is sent, or comes back with the back button, is a password again.
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
