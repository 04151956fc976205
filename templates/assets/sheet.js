// Copies and prints the recovery codes. Without scripts a tap selects them, and the browser prints.
const status = document.querySelector("[data-status]");
const copy = document.querySelector("[data-copy]");
const print = document.querySelector("[data-print]");
const codes = [...document.querySelectorAll("[data-codes] code")].map((code) => code.textContent);
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(codes.join("\n"));
    status.textContent = copy.dataset.done;
  });
}
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
