// Pictures and files that are pasted or dropped go into the field for files, which shows itself and what it holds.
(function () {
  'use strict';

  function take(form, files) {
    var input = form.querySelector('[name=files]');
    input.files = files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
    form.querySelector('[data-attach]').open = true;
  }

  function mark(form) {
    form.querySelector('[data-attach]').classList.toggle('filled', form.querySelector('[name=files]').files.length > 0);
  }

  document.addEventListener('paste', function (event) {
    var form = event.target.closest('.chat-box');
    if (!form || !event.clipboardData || !event.clipboardData.files.length) return;
    event.preventDefault();
    take(form, event.clipboardData.files);
  });

  document.addEventListener('dragover', function (event) {
    if (event.target.closest('.chats-main')) event.preventDefault();
  });

  document.addEventListener('drop', function (event) {
    var place = event.target.closest('.chats-main');
    var form = place && place.querySelector('.chat-box');
    if (!form || !event.dataTransfer.files.length) return;
    event.preventDefault();
    take(form, event.dataTransfer.files);
  });

  document.addEventListener('change', function (event) {
    var form = event.target.closest('.chat-box');
    if (form && event.target.name === 'files') mark(form);
  });

  document.addEventListener('chat:answer', function () {
    document.querySelectorAll('.chat-box').forEach(mark);
  });
})();
