// Presses the button of the one form that is marked for it. Without scripts the person presses it.
document.querySelector("form[data-continue]")?.requestSubmit();
