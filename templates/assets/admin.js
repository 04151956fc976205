// The script of the admin panel. Every page works without it: it only saves reloading.
// - [data-live=URL]: replaced by each event "part" of this stream; after "done" the page is loaded again
// - [data-say]: read aloud: its text follows the first heading or state of the live part
// - form[data-search=ID]: searches as you type; the element with this id gets the content of the one of the answer
// - button[data-preview=ID]: pressed by itself as its form changes; the frame with this id shows the answer
// - button[data-part=ID]: sends its form without leaving the page, and replaces only the element with this id
// - input[data-press=ID]: presses the button with this id as you type
// - button[data-copy=ID]: copies the field with this id

const page = async (url, signal, body) => {
  const method = body ? 'POST' : 'GET';
  const answer = await fetch(url, { method, body, signal, credentials: 'same-origin', headers: { accept: 'text/html' } });
  // A sign-in that has ended leads elsewhere: then the browser goes there.
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
};

const replace = (id, from) => {
  const [old, found] = [document.getElementById(id), from.getElementById(id)];
  if (!old || !found) return false;
  old.replaceChildren(...found.childNodes);
  prepare(old);
  return true;
};

const live = (part) => {
  const source = new EventSource(part.dataset.live);
  source.addEventListener('part', (event) => {
    part.innerHTML = event.data;
    const [say, state] = [document.querySelector('[data-say]'), part.querySelector('h2, .state')];
    // Only news: a screen reader would read the same state each second.
    if (say && state && say.textContent !== state.textContent) say.textContent = state.textContent;
  });
  source.addEventListener('done', () => {
    source.close();
    location.reload();
  });
  source.addEventListener('error', () => {
    // Closed for good: there was no room for a stream, or the session has ended.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
  });
};

const search = (form) => {
  let [timer, running] = [0, null];
  const look = async () => {
    running?.abort();
    running = new AbortController();
    const query = new URLSearchParams(new FormData(form));
    const url = `${form.getAttribute('action') || location.pathname}?${query}`;
    try {
      const found = await page(url, running.signal);
      if (replace(form.dataset.search, found)) history.replaceState(null, '', url);
    } catch (error) {
      if (error.name !== 'AbortError') form.requestSubmit();
    }
  };
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(look, 200);
  });
};

const part = (button) => {
  button.addEventListener('click', async (event) => {
    event.preventDefault();
    // Whoever types and presses at once asks once.
    clearTimeout(pressing);
    sending?.abort();
    const { signal } = sending = new AbortController();
    const form = () => new URLSearchParams(new FormData(button.form, button));
    try {
      let sent, answer;
      // With what was chosen meanwhile it is asked again: the answer would undo it.
      do {
        sent = form();
        answer = await page(button.formAction, signal, sent);
      } while (String(sent) !== String(form()));
      if (!replace(button.dataset.part, answer)) throw new Error('the part is missing');
      // The button may have been replaced too.
      if (button.id && !button.isConnected) document.getElementById(button.id)?.focus();
    } catch (error) {
      if (error.name !== 'AbortError') button.form.requestSubmit(button);
    }
  });
};

let [sending, pressing] = [null, 0];

const press = (field) => {
  field.addEventListener('input', () => {
    clearTimeout(pressing);
    pressing = setTimeout(() => document.getElementById(field.dataset.press)?.click(), 200);
  });
};

const copy = (button) => {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = button.dataset.done;
  });
};

const preview = (button) => {
  let timer = 0;
  const look = () => {
    // A new frame each time: it adds nothing to the history of the browser.
    const old = document.getElementById(button.dataset.preview);
    old.replaceWith(old.cloneNode());
    button.form.requestSubmit(button);
  };
  button.form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(look, 500);
  });
};

const kinds = [
  ['button[data-preview]', preview],
  ['[data-live]', live],
  ['form[data-search]', search],
  ['button[data-part]', part],
  ['input[data-press]', press],
  ['button[data-copy]', copy],
];

function prepare(root) {
  for (const [selector, start] of kinds) {
    for (const found of root.querySelectorAll(selector)) start(found);
  }
}

prepare(document);
