// Keeps an open page up to date. It listens to the stream and says on <body> what has changed, as "live:<topic>" with
// the number in event.detail.seq; parts of the page fetch themselves when they hear their topic, or "live:resync":
// something may have been missed. A page that finds no place asks for the state every so often.
//
// fetch instead of EventSource, because that one shows neither the status, nor the heartbeat, nor events of any name.
(function () {
  'use strict';

  var OPENING = 10000;
  var QUIET = 40000; // the server beats every 15 seconds
  var SETTLED = 10000;
  var PATIENCE = 3; // streams that were cut at once, or never began: something between here and there keeps them back
  var LONGEST = 15000; // between two tries while the server is away
  var POLL = 15000;
  var ROUNDS = 4; // polls until the next try for a stream
  var HIDDEN = 5000; // a browser opens six connections to a site: pages that nobody sees keep none

  var place, address, reading, failures, cuts, rounds, known, timer, watchdog, away;

  function tell(topic, seq) {
    document.body.dispatchEvent(new CustomEvent('live:' + topic, { bubbles: true, detail: { seq: seq } }));
  }

  function be(state) {
    document.documentElement.setAttribute('data-live', state);
  }

  function later(work, milliseconds) {
    clearTimeout(timer);
    // Pages that were cut together shall not come back together.
    timer = setTimeout(work, milliseconds * (0.5 + Math.random()));
  }

  function get(url, type, signal) {
    return fetch(url, { headers: { Accept: type }, redirect: 'manual', cache: 'no-store', signal: signal }).then(function (answer) {
      // Signed out, or sent to a page that comes first: this page has nothing more to hear.
      if (answer.type === 'opaqueredirect' || answer.status === 401 || answer.status === 404) stop();
      if (!answer.ok) throw answer;
      return answer;
    });
  }

  function connect() {
    var attempt = new AbortController();
    var opened = 0;

    function watch(milliseconds) {
      clearTimeout(watchdog);
      watchdog = setTimeout(function () { attempt.abort(); }, milliseconds);
    }

    function step(reader, decoder, rest) {
      return reader.read().then(function (part) {
        if (part.done) return null;
        if (!opened) {
          opened = Date.now();
          address = place.content.split('?')[0]; // the next stream begins with "resync"
          be('stream');
        }
        watch(QUIET);
        var frames = (rest + decoder.decode(part.value, { stream: true })).split('\n\n');
        var unfinished = frames.pop();
        frames.forEach(hear);
        return step(reader, decoder, unfinished);
      });
    }

    function over(refusal) {
      clearTimeout(watchdog);
      if (reading !== attempt) return;
      reading = null;
      if (opened && Date.now() - opened > SETTLED) failures = cuts = 0;
      failures += 1;
      cuts += opened || attempt.signal.aborted ? 1 : 0;
      if (cuts >= PATIENCE || (refusal && refusal.status === 503)) later(poll, POLL);
      else later(connect, Math.min(LONGEST, 500 * Math.pow(2, failures)));
    }

    reading = attempt;
    watch(OPENING);
    get(address, 'text/event-stream', attempt.signal).then(function (answer) {
      if (!answer.body || !answer.body.getReader) throw answer;
      return step(answer.body.getReader(), new TextDecoder(), '');
    }).then(over, over);
  }

  function hear(frame) {
    var event = /^event: (\S+)$/m.exec(frame);
    var data = /^data: (.+)$/m.exec(frame);
    if (event && data) tell(event[1], JSON.parse(data[1]).seq);
  }

  function poll() {
    be('poll');
    get(place.getAttribute('data-state'), 'application/json').then(function (answer) {
      return answer.json();
    }).then(function (state) {
      compare(state.topics);
    }, function () {
      known = null;
    }).then(function () {
      if (!place) return;
      rounds += 1;
      later(rounds % ROUNDS ? poll : connect, POLL);
    });
  }

  function compare(topics) {
    var changed = known && Object.keys(topics).filter(function (topic) { return topics[topic] !== known[topic]; });
    known = topics;
    if (changed) changed.forEach(function (topic) { tell(topic, topics[topic]); });
    // A state is not told for each chat: what stands under a changed topic looks for itself.
    if (!changed || changed.length) tell('resync', 0);
  }

  function cut() {
    clearTimeout(timer);
    clearTimeout(watchdog);
    var attempt = reading;
    reading = null;
    if (attempt) attempt.abort();
  }

  function stop() {
    place = null;
    be('off');
    cut();
  }

  function start() {
    if (!place || reading) return;
    failures = cuts = rounds = 0;
    known = null;
    clearTimeout(timer);
    connect();
  }

  function look() {
    clearTimeout(away);
    if (document.visibilityState === 'visible') start();
    else away = setTimeout(cut, HIDDEN);
  }

  document.addEventListener('DOMContentLoaded', function () {
    place = document.querySelector('meta[name=live]');
    if (!place || !window.fetch || !window.AbortController) return;
    address = place.content;
    document.addEventListener('visibilitychange', look);
    window.addEventListener('pagehide', cut);
    window.addEventListener('pageshow', look);
    look();
  });
})();
