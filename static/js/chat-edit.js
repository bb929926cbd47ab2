// Changes one's own message in its place: the form stands where the line was, Enter saves (chat-keys.js), Escape leaves it as it
// was, and the focus goes back into the box. In the past of a chat, and where anything is missing, the link leads to a page.
(function () {
  'use strict';

  function toBox() {
    var box = document.querySelector('[data-chat-box] [data-body]');
    if (box) box.focus({ preventScroll: true });
  }

  function close(form) {
    form.remove();
    toBox();
  }

  function part(text, selector) {
    return document.adoptNode(new DOMParser().parseFromString(text, 'text/html').querySelector(selector) || document.createElement('i'));
  }

  // Why it cannot be changed stands above the place where one writes: there, or in the box.
  function refuse(form, text) {
    var target = form || document.querySelector('[data-chat-box]');
    if (target) target.dispatchEvent(new CustomEvent('chat:refused', { bubbles: true, detail: text }));
  }

  function open(line, text) {
    var form = part(text, '[data-line-edit]');
    var body = form.querySelector('[data-body]');
    if (!body) return refuse(null, text);
    document.querySelectorAll('[data-line-edit]').forEach(function (other) { other.remove(); });
    line.insertBefore(form, line.firstChild);
    body.rows = Math.min(8, Math.max(2, body.value.split('\n').length));
    body.focus();
    body.setSelectionRange(body.value.length, body.value.length);
  }

  function save(form) {
    var data = new FormData(form);
    var all = document.querySelectorAll('#lines [data-seq], #new-lines [data-seq]');
    data.append('after', all[all.length - 1].getAttribute('data-seq'));
    data.append('change', document.querySelector('[data-chat]').getAttribute('data-change'));
    form.setAttribute('aria-busy', 'true');
    fetch(form.action, { method: 'POST', body: data, headers: { 'HX-Request': 'true' } })
      .then(function (answer) {
        return answer.text().then(function (text) {
          if (!answer.ok) return refuse(form, text);
          close(form);
          document.dispatchEvent(new CustomEvent('chat:news', { detail: text }));
        });
      })
      .catch(function () { refuse(form, ''); })
      .then(function () { form.removeAttribute('aria-busy'); });
  }

  document.addEventListener('click', function (event) {
    var form = event.target.closest('[data-line-edit]');
    if (form && event.target.closest('[data-cancel]')) return close(form);
    var link = event.target.closest('.chat-line [data-edit]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (document.querySelector('[data-past]') || !window.fetch || !window.DOMParser) return;
    event.preventDefault();
    var line = link.closest('[data-seq]');
    link.closest('details').open = false;
    fetch(link.href, { headers: { 'HX-Request': 'true' } })
      .then(function (answer) { return answer.text(); })
      .then(function (text) { open(document.getElementById(line.id), text); })
      .catch(function () { refuse(null, ''); });
  });

  document.addEventListener('keydown', function (event) {
    var form = event.target.closest && event.target.closest('[data-line-edit]');
    if (!form || event.isComposing) return;
    if (event.key !== 'Escape') return;
    event.preventDefault();
    close(form);
  });

  document.addEventListener('submit', function (event) {
    var form = event.target.closest('[data-line-edit]');
    if (!form) return;
    event.preventDefault();
    if (form.getAttribute('aria-busy') !== 'true') save(form);
  });
})();
