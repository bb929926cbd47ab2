// Keeps what is typed and not sent yet with its chat, on the server: it shows there, and nowhere else.
(function () {
  'use strict';

  var PAUSE = 1000;
  var timer, form, saved;

  function save() {
    var body = form.querySelector('[data-body]').value;
    clearTimeout(timer);
    if (body === saved) return;
    saved = body;
    var data = new FormData();
    data.append('csrf_token', document.querySelector('meta[name=csrf-token]').content);
    data.append('body', body);
    fetch(form.getAttribute('data-draft'), { method: 'POST', body: data, keepalive: true }).catch(function () { saved = null; });
  }

  document.addEventListener('input', function (event) {
    if (!form || !form.contains(event.target)) return;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });

  document.addEventListener('DOMContentLoaded', function () {
    form = document.querySelector('[data-chat-box]');
    if (!form) return;
    saved = form.querySelector('[data-body]').value;
    window.addEventListener('pagehide', function () { if (!form.hasAttribute('data-sent')) save(); });
  });

  // A sent message takes its draft away: no later save must bring it back.
  document.addEventListener('submit', function (event) {
    if (!form || event.target !== form) return;
    clearTimeout(timer);
    saved = form.querySelector('[data-body]').value;
  });

  document.addEventListener('chat:answer', function () {
    saved = form.querySelector('[data-body]').value;
  });
})();
