// Sends a message without leaving the page: the focus stays in the box, and the answer brings the new lines.
// What could not be sent stays in the box with the reason above it, under the same name, so that a second try of
// something that did arrive is the same message.
(function () {
  'use strict';

  function newToken() {
    var bytes = new Uint8Array(16);
    window.crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (byte) { return byte.toString(16).padStart(2, '0'); }).join('');
  }

  function last() {
    var all = document.querySelectorAll('#lines [data-seq], #new-lines [data-seq]');
    return all.length ? all[all.length - 1].getAttribute('data-seq') : '0';
  }

  // The reason is part of the answer, unless it is a page of its own: signed out meanwhile, too large, out of order.
  function refuse(form, text) {
    var found = new DOMParser().parseFromString(text, 'text/html').querySelector('body > .alert');
    if (!found) {
      found = document.createElement('div');
      found.className = 'alert alert-danger';
      found.setAttribute('role', 'alert');
      found.textContent = document.getElementById('flashes').getAttribute('data-failed');
    }
    form.querySelector('[data-refused]').replaceChildren(document.adoptNode(found));
  }

  function clear(form, sent) {
    var body = form.querySelector('[data-body]');
    if (body.value === sent) body.value = ''; // one may have gone on typing meanwhile
    form.querySelector('[name=files]').value = '';
    form.querySelector('[data-attach]').open = false;
    form.querySelector('[name=client_token]').value = newToken();
    body.dispatchEvent(new Event('input', { bubbles: true }));
  }

  function send(form) {
    var body = form.querySelector('[data-body]');
    var data = new FormData(form);
    var sent = body.value;
    data.append('after', last());
    data.append('change', document.querySelector('[data-chat]').getAttribute('data-change'));
    form.setAttribute('aria-busy', 'true');
    fetch(form.action, { method: 'POST', body: data, headers: { 'HX-Request': 'true' } })
      .then(function (answer) {
        return answer.text().then(function (text) {
          if (!answer.ok) return refuse(form, text);
          form.querySelector('[data-refused]').replaceChildren();
          clear(form, sent);
          document.dispatchEvent(new CustomEvent('chat:answer', { detail: text }));
          document.querySelector('[data-chat-scroll]').scrollTop = 0;
        });
      })
      .catch(function () { refuse(form, ''); })
      .then(function () { form.removeAttribute('aria-busy'); });
    body.focus();
  }

  document.addEventListener('chat:refused', function (event) { refuse(event.target, event.detail); });

  document.addEventListener('submit', function (event) {
    var form = event.target.closest('[data-chat-box]');
    // In the past of a chat the whole page is fetched anew, with what is latest.
    if (!form || document.querySelector('[data-past]') || !window.fetch || !window.crypto) return;
    event.preventDefault();
    if (form.getAttribute('aria-busy') !== 'true') send(form);
  });
})();
