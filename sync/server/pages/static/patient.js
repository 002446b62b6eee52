// Makes a page live: parts that changed at the server are asked for again and put in place. Without it all still works.
(function () {
  "use strict";
  var stream = document.body.dataset.live;
  var truth = document.getElementById("truth");
  var asking = false, again = false, leaving = false, lostAt = 0, waiting = 0;

  function told(key, at) {
    if (!truth) return;
    truth.className = "truth " + (key === "alive" ? "alive" : key === "lost" ? "lost" : "");
    var words = truth.dataset[key];
    if (at) words = words.replace("#", at.toTimeString().slice(0, 5));
    document.getElementById("truth-words").textContent = words;
  }

  // Puts every changed part of a fresh page into this one; the focus stays where it was.
  function take(text) {
    var fresh = new DOMParser().parseFromString(text, "text/html");
    var held = document.activeElement && document.activeElement.closest("[data-part]");
    var name = held && (document.activeElement.value || document.activeElement.getAttribute("href"));
    document.querySelectorAll("[data-part]").forEach(function (part) {
      var other = fresh.getElementById(part.id);
      if (!other || same(part, other)) return;
      if (other.dataset.step && other.dataset.step !== part.dataset.step) say(other.dataset.spoken);
      part.replaceWith(document.adoptNode(other));
    });
    if (held && name && !document.contains(document.activeElement.closest("[data-part]"))) {
      var part = document.getElementById(held.id);
      var twin = part && [].find.call(part.querySelectorAll("button,a"), function (one) {
        return one.value === name || one.getAttribute("href") === name;
      });
      if (twin) twin.focus({ preventScroll: true });
    }
    document.dispatchEvent(new Event("taken"));
    return fresh;
  }

  // Hidden fields of forms are new on every page and say nothing: a part that differs in them alone is the same.
  function same(one, other) {
    return plain(one) === plain(other);
  }
  function plain(part) {
    var copy = part.cloneNode(true);
    copy.hidden = false;
    copy.querySelectorAll("[hidden]").forEach(function (each) { each.hidden = false; });
    copy.querySelectorAll("input[type=hidden]").forEach(function (each) { each.remove(); });
    return copy.outerHTML;
  }

  function say(words) {
    document.getElementById("spoken").textContent = words;
  }

  // Asks for this page again: once for a burst, and once more if something happened meanwhile.
  function look() {
    if (asking) { again = true; return; }
    asking = true;
    told("late");
    fetch(location.pathname + location.search.replace(/[?&](added|refused|placed|out|no)=[^&]*/g, ""), { credentials: "same-origin", redirect: "manual" })
      .then(function (answer) {
        if (answer.type === "opaqueredirect") { if (!leaving) location.reload(); return ""; }
        return answer.ok ? answer.text() : "";
      })
      .then(function (text) {
        if (text) { take(text); lostAt = 0; told("alive"); }
      })
      .catch(function () { lost(); })
      .then(function () {
        asking = false;
        if (again) { again = false; look(); }
      });
  }

  function lost() {
    lostAt = lostAt || Date.now();
    told("lost", new Date(lostAt));
  }

  function listen() {
    var source = new EventSource(stream);
    source.onopen = function () {
      if (lostAt) look();
      lostAt = 0;
      told("alive");
    };
    source.addEventListener("changed", function (event) {
      clearTimeout(waiting);
      waiting = setTimeout(look, 40);
    });
    source.onerror = function () {
      lost();
      if (source.readyState === 2) setTimeout(function () { listen(); look(); }, 10000);
    };
  }

  // A form is on its way and its answer will be the next page: to load this one anew would call it back.
  document.addEventListener("submit", function (event) {
    if (!("stay" in event.target.dataset)) leaving = true;
  });
  window.addEventListener("pageshow", function () { leaving = false; });

  // Adding to the cart without leaving the place: the answer is the page itself, and its parts are taken over.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!("stay" in form.dataset) || !event.submitter) return;
    event.preventDefault();
    var sent = new URLSearchParams(new FormData(form));
    sent.append(event.submitter.name, event.submitter.value);
    fetch(form.action, { method: "POST", body: sent, credentials: "same-origin" })
      .then(function (answer) {
        if (new URL(answer.url).pathname !== location.pathname) { location.href = answer.url; return ""; }
        return answer.text();
      })
      .then(function (text) {
        if (!text) return;
        var note = take(text).getElementById("told");
        var here = document.getElementById("told");
        if (here) here.remove();
        if (!note) return;
        say(note.textContent.trim());
        note.removeAttribute("role");
        place(document.adoptNode(note), event.submitter.value);
      })
      .catch(function () { // no answer: the browser's own way, which says so
        var field = document.createElement("input");
        field.type = "hidden";
        field.name = event.submitter.name;
        field.value = event.submitter.value;
        form.append(field);
        HTMLFormElement.prototype.submit.call(form);
      });
  });

  // What was said stands beside the card that was pressed, so that nobody has to scroll for it.
  function place(note, value) {
    var card = document.getElementById("dish-" + value.split("/")[1]);
    if (card) card.after(note); else document.getElementById("main").prepend(note);
  }

  var box = document.getElementById("q");
  function sift() {
    var wanted = plainer(box.value), shown = 0;
    document.querySelectorAll("#dishes > article").forEach(function (card) {
      var fits = plainer(card.querySelector(".text").textContent).indexOf(wanted) >= 0;
      card.hidden = !fits;
      if (fits) shown += 1;
    });
    document.getElementById("count").textContent =
      shown === 0 ? box.dataset.countNone : shown === 1 ? box.dataset.countOne : box.dataset.count.replace("#", shown);
  }
  function plainer(text) {
    return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").trim();
  }
  if (box) {
    box.addEventListener("input", sift);
    document.addEventListener("taken", function () { if (box.value) sift(); });
  }

  var note = document.getElementById("told");
  if (note && note.getAttribute("role") === "alert") note.focus();
  if (stream && window.EventSource) listen();
})();
