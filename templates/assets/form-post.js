// Submits the marked form. Without scripts, the person presses the button.
document.querySelector("form[data-continue]")?.requestSubmit();
