
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const total = Math.max(data.duration_us, 1);
  // Rows that are in the page at once, and parts of one bar that are drawn.
  const WINDOW = 400, PARTS = 300, PRINTED = 5000;
  // How high rows are, and how high they are where fingers meet them, as the style has them.
  const ROW = 26, PHONE = 44;

  // The rows: what each is, and the row it hangs below.
  const rows = [], foldRow = new Map(), lastAt = [];
  let roots = 0, deepest = 1;
  data.rows.forEach(([kind, number, depth, fold, text], at) => {
    const record = kind === "s" ? data.spans[number] : kind === "e" ? data.events[number] : null;
    const row = { at, kind, number, depth, fold, text, record, parent: depth > 0 ? lastAt[depth - 1] : -1, children: 0, open: kind !== "f" };
    deepest = Math.max(deepest, depth);
    if (kind === "s") lastAt[depth] = at;
    if (kind === "f") foldRow.set(number, row);
    row.nth = row.parent >= 0 ? (rows[row.parent].children += 1) : (roots += 1);
    rows.push(row);
  });

  const view = { from: 0, to: total };
  let shown = [], at = 0, query = "", height = ROW, first = 0, printing = false;

  const element = (tag, name, text) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const duration = (us) => us === undefined ? "" : us < 1000 ? us + " µs" : us < 999950 ? (us / 1e3).toFixed(1) + " ms"
    : us < 9995000 ? (us / 1e6).toFixed(2) + " s" : us < 6e8 ? (us / 1e6).toFixed(1) + " s" : us < 72e8 ? (us / 6e7).toFixed(1) + " min"
    : us < 1728e8 ? (us / 36e8).toFixed(1) + " h" : (us / 864e8).toFixed(1) + " d";
  // What would not be seen, or would change what is read, is shown as its escape.
  const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/gu;
  const safe = (text) => String(text).replace(UNSEEN, (c) => "\\u{" + c.codePointAt(0).toString(16) + "}");
  // So many characters of a text, none of them cut in two.
  const cut = (text, most) => Array.from(text).slice(0, most).join("");
  const severity = (record) => {
    const level = String(record.level ?? "").toLowerCase();
    if (/^(error|err|fatal|crit|critical|alert|emerg|emergency|panic|[56]0)$/.test(level)) return "error";
    if (/^(warn|warning|40)$/.test(level)) return "warn";
    if (/^5\d\d$/.test(record.status) || /^(error|panic|body_error)$/.test(record.outcome)) return "error";
    return /^4\d\d$/.test(record.status) || /^(cancelled|aborted)$/.test(record.outcome) || record.kind === "start" ? "warn" : "";
  };
  const asked = (record) => record.kind === "call"
    ? ["→", record.method, (record.authority ?? "") + (record.path ?? "")].filter(Boolean).join(" ")
    : [record.method, record.route ?? record.path].filter(Boolean).join(" ");
  const ended = (record) => [record.status, record.outcome === "ok" ? "" : record.outcome ?? (record.kind === "start" ? "no end" : "")].filter(Boolean).join(" ");
  // A text that may have less room than it needs, and all of it for who points at it.
  const told = (name, text) => {
    const made = element("span", name, cut(text, 400));
    made.title = cut(text, 2000);
    return made;
  };
  const said = (record) => [record.message, record.error, ...Object.entries(record.notes ?? {}).map(([name, value]) => name + "=" + value)].filter(Boolean).join("  ");

  // What is not shown of a record under its name: places in the trace, and what is shown another way.
  const DERIVED = new Set(["own", "critical", "notes", "flags", "parent", "call"]);

  // Where a time lies, in percent of the part that is seen.
  const percent = (us) => (us - view.from) / (view.to - view.from) * 100;
  const place = (made, from, to) => {
    const left = Math.max(percent(from), 0), right = Math.min(percent(to), 100);
    if (right < 0 || left > 100) return null;
    made.style.left = left + "%";
    made.style.width = Math.max(right - left, 0) + "%";
    return made;
  };
  const parts = (track, list, name) => {
    let drawn = 0, until = -Infinity;
    const least = (view.to - view.from) / 2000;
    for (const [from, to] of list ?? []) {
      if (to < view.from || from > view.to || to - until < least) continue;
      const part = place(element("span", name), Math.max(from, until), to);
      until = to;
      if (part) track.append(part);
      if ((drawn += 1) >= PARTS) break;
    }
  };
  const bars = (record) => {
    const track = element("div", "track");
    if (record.offset_us === undefined) return track;
    const end = record.duration_us === undefined ? total : record.offset_us + record.duration_us;
    const bar = place(element("span", record.duration_us === undefined ? "bar unknown" : "bar"), record.offset_us, end);
    if (bar) track.append(bar);
    parts(track, record.own, "part");
    parts(track, record.critical, "part critical");
    return track;
  };
  const dot = (record) => {
    const track = element("div", "track"), x = percent(record.offset_us ?? -1);
    if (x >= 0 && x <= 100) {
      const made = element("span", "dot " + severity(record));
      made.style.left = x + "%";
      track.append(made);
    }
    return track;
  };

  const draw = (row) => {
    const line = element("div", "row " + (row.kind === "f" ? "fold" : ""));
    line.id = "row" + row.at;
    line.dataset.at = row.at;
    line.setAttribute("role", "treeitem");
    line.setAttribute("aria-level", row.depth + 1);
    line.setAttribute("aria-posinset", row.nth);
    line.setAttribute("aria-setsize", row.parent >= 0 ? rows[row.parent].children : roots);
    line.setAttribute("aria-selected", row.at === at);
    if (row.at === at) line.classList.add("at");
    const name = element("div", "name");
    name.style.paddingLeft = row.depth * (height === PHONE ? Math.min(8, 80 / deepest) : Math.min(14, (printing ? 80 : 160) / deepest)) + "px";
    const folds = row.children > 0 || row.kind === "f";
    if (folds) line.setAttribute("aria-expanded", row.open);
    const mark = element("span", "toggle", folds ? (row.open ? "▾" : "▸") : row.kind === "e" ? "·" : "");
    mark.setAttribute("aria-hidden", "true");
    name.append(mark);
    line.append(name);
    if (row.kind === "f") {
      name.append(element("span", "what", row.text));
      return line;
    }
    const record = row.record;
    if (query && matches(row)) line.classList.add("hit");
    if (row.kind === "s") {
      name.append(told("who", safe(record.service ?? "")), told("what", safe(asked(record))));
      name.append(told("ended " + (severity(record) || "good"), safe(ended(record))));
      name.append(element("span", "took", duration(record.duration_us) + (record.is_guess ? " ~" : "")));
      line.append(bars(record));
    } else {
      if (record.level) name.append(element("span", "level " + severity(record), cut(safe(record.level).toUpperCase(), 8)));
      name.append(told("what", safe(said(record))));
      name.append(element("span", "took", record.offset_us === undefined ? "" : "at " + duration(record.offset_us) + (record.is_guess ? " ~" : "")));
      line.append(dot(record));
    }
    return line;
  };

  // What a search looks through: a line as it is read, then everything that is known of it.
  const words = (text) => text.replace(/\s+/g, " ").trim().toLowerCase();
  const searched = (record) => words([record.service, asked(record), ended(record), said(record), ...record.flags ?? [],
    ...Object.entries(record).filter(([name]) => !DERIVED.has(name)).map(([name, value]) => name + "=" + value)].join(" "));
  const matches = (row) => {
    if (!row.record) return false;
    row.searched ??= searched(row.record);
    return row.searched.includes(query);
  };
  // Which rows are seen: those with nothing closed above them; while searching, hits and what they hang below.
  const select = () => {
    const seen = new Array(rows.length).fill(false);
    let hits = 0;
    if (query) {
      for (const row of rows) {
        if (!matches(row)) continue;
        hits += 1;
        for (let above = row.at; above >= 0 && !seen[above]; above = rows[above].parent) seen[above] = true;
      }
      shown = rows.filter((row) => seen[row.at]);
    } else {
      shown = rows.filter((row) => {
        const parent = rows[row.parent];
        const isSeen = (!parent || (seen[parent.at] && parent.open)) && (row.fold < 0 || foldRow.get(row.fold).open);
        return (seen[row.at] = isSeen);
      });
    }
    $("found").textContent = query ? hits + " found" : "";
    if (shown.length && !shown.some((row) => row.at === at)) at = shown[0].at;
  };

  const list = $("rows");
  const fill = () => {
    height = matchMedia("(max-width: 640px)").matches && !printing ? PHONE : ROW;
    const window_ = printing ? PRINTED : WINDOW;
    const top = Math.floor((-list.getBoundingClientRect().top) / height) - Math.floor(WINDOW / 4);
    first = printing ? 0 : Math.max(0, Math.min(top, shown.length - window_));
    const part = shown.slice(first, first + window_);
    list.replaceChildren(...part.map(draw));
    list.style.paddingTop = first * height + "px";
    list.style.paddingBottom = printing ? "0" : Math.max(0, shown.length - first - part.length) * height + "px";
    if (!shown.length) list.append(element("p", "none", "No line has this text."));
    if (printing && shown.length > part.length) list.append(element("p", "", "and " + (shown.length - part.length) + " more lines"));
    list.setAttribute("aria-activedescendant", "row" + at);
  };
  // Round times along the top, all in one unit, and lines below them.
  const ticks = (wanted) => {
    const [unit, name] = [[1e3, 1, "µs"], [1e6, 1e3, "ms"], [6e8, 1e6, "s"], [72e8, 6e7, "min"], [1728e8, 36e8, "h"], [Infinity, 864e8, "d"]]
      .find(([most]) => view.to < most).slice(1);
    const span = view.to - view.from, least = Math.max(1, span / wanted) / unit;
    const power = Math.pow(10, Math.floor(Math.log10(least)));
    const step = Math.max(1, unit * power * [1, 2, 5, 10].find((times) => power * times >= least * 0.999));
    const digits = Math.max(0, Math.ceil(Math.log10(unit / step) - 1e-9));
    const labels = [], lines = [], apart = (printing ? 330 : $("axis").clientWidth) * step / span;
    for (let nth = Math.ceil(view.from / step); nth * step <= view.to && labels.length < 100; nth += 1) {
      const label = element("span", "", nth === 0 ? "0" : (nth * step / unit).toFixed(digits) + " " + name), line = element("span");
      label.style.left = line.style.left = percent(nth * step) + "%";
      // Behind the line as long as there is room for it.
      if (percent(nth * step) > 100 - 80 / wanted) {
        label.className = "last";
        if (labels.length && (labels.at(-1).textContent + label.textContent).length * 8 > apart) label.textContent = "";
      }
      labels.push(label);
      lines.push(line);
    }
    $("axis").replaceChildren(...labels);
    $("grid").replaceChildren(...lines);
  };
  // On paper there is room for four times, whatever the screen has.
  const redraw = () => { ticks(printing ? 4 : Math.max(2, Math.floor($("axis").clientWidth / 80))); fill(); };
  const reselect = () => { select(); redraw(); };

  const zoom = (factor) => {
    const middle = (view.from + view.to) / 2, half = Math.max((view.to - view.from) / 2 * factor, 5);
    view.from = Math.max(0, middle - half);
    view.to = Math.min(total, Math.max(middle + half, view.from + 10));
    redraw();
  };
  const pan = (part) => {
    const span = view.to - view.from;
    view.from = Math.min(Math.max(0, view.from + span * part), Math.max(0, total - span));
    view.to = view.from + span;
    redraw();
  };
  const whole = () => { view.from = 0; view.to = total; redraw(); };
  const zoomTo = (record) => {
    if (!record || record.offset_us === undefined) return;
    const length = Math.max(record.duration_us ?? 0, 20), margin = length * 0.05;
    view.from = Math.max(0, record.offset_us - margin);
    view.to = Math.max(view.from + 10, Math.min(total, record.offset_us + length + margin));
    redraw();
  };
  const toggle = (row, open) => {
    if (row.children === 0 && row.kind !== "f") return;
    row.open = open ?? !row.open;
    reselect();
  };
  const foldAll = (open) => { rows.forEach((row) => { if (row.depth > 0 || row.kind === "f" || open) row.open = open; }); reselect(); };

  const detail = (row) => {
    const box = $("details"), record = row.record;
    box.hidden = !record;
    if (!record) return;
    const table = element("table"), add = (name, value) => {
      const line = element("tr");
      line.append(element("th", "", safe(name)), element("td", "", safe(value)));
      table.append(line);
    };
    for (const [name, value] of Object.entries(record)) {
      if (DERIVED.has(name)) continue;
      add(name, /^(duration|own|offset|clock_ahead)_us$/.test(name) && Math.abs(value) >= 1000 ? duration(Math.abs(value)) + " (" + value + " µs)"
        : name.endsWith("_us") ? value + " µs" : value);
    }
    if (record.call !== undefined) add("as its caller saw it", duration(data.spans[record.call].duration_us));
    (record.flags ?? []).forEach((flag) => add("flag", flag));
    Object.entries(record.notes ?? {}).forEach(([name, value]) => add(name, value));
    const close = element("button", "", "Close");
    close.type = "button";
    close.addEventListener("click", () => { box.hidden = true; list.focus(); });
    const head = element("div", "head");
    head.append(element("strong", "", cut(safe([record.service, row.kind === "s" ? asked(record) : said(record)].filter(Boolean).join(" ")), 120)), close);
    box.replaceChildren(head, table);
    box.scrollTop = 0;
    reveal();
  };
  // Scrolls as far as the line that somebody is at needs to stand between what sticks above and below.
  const reveal = () => {
    const y = list.getBoundingClientRect().top + shown.findIndex((row) => row.at === at) * height;
    const above = getComputedStyle($("top")).position === "sticky" ? $("top").offsetHeight : 0;
    const below = window.innerHeight - ($("details").hidden ? 0 : $("details").offsetHeight) - height;
    if (y < above) window.scrollBy(0, y - above - height); else if (y > below) window.scrollBy(0, y - below + height);
  };
  const go = (to) => {
    const index = shown.findIndex((row) => row.at === at);
    const next = shown[Math.max(0, Math.min(shown.length - 1, index + to))];
    if (!next) return;
    at = next.at;
    reveal();
    fill();
    if (!$("details").hidden) detail(next);
  };

  list.addEventListener("click", (event) => {
    const line = event.target.closest(".row");
    if (!line) return;
    const row = rows[Number(line.dataset.at)];
    at = row.at;
    // All that stands before a line's text folds it: a finger does not meet a small triangle. What is no finger and no
    // mouse clicks nowhere, which is not the beginning.
    const text = line.querySelector(".toggle").getBoundingClientRect().right;
    if (row.kind === "f" || (row.children > 0 && event.detail > 0 && event.clientX < text)) { toggle(row); return; }
    detail(row);
    fill();
  });
  list.addEventListener("dblclick", (event) => {
    const line = event.target.closest(".row");
    if (line) zoomTo(rows[Number(line.dataset.at)].record);
  });
  const page = () => Math.max(1, Math.floor(window.innerHeight / height) - 4);
  const KEYS = {
    ArrowDown: () => go(1), ArrowUp: () => go(-1), PageDown: () => go(page()), PageUp: () => go(-page()),
    Home: () => go(-Infinity), End: () => go(Infinity),
    ArrowLeft: () => {
      const row = rows[at];
      if ((row.children > 0 || row.kind === "f") && row.open) toggle(row, false);
      else if (row.parent >= 0) { at = row.parent; go(0); }
    },
    ArrowRight: () => toggle(rows[at], true),
    Enter: () => rows[at].kind === "f" ? toggle(rows[at]) : detail(rows[at]), " ": () => toggle(rows[at]), z: () => zoomTo(rows[at].record),
  };
  const ANYWHERE = {
    "+": () => zoom(0.5), "-": () => zoom(2), "0": whole, "[": () => pan(-0.5), "]": () => pan(0.5),
    c: () => foldAll(false), e: () => foldAll(true), "/": () => $("search").focus(),
    Escape: () => { if ($("details").hidden) seek(""); else $("details").hidden = true; },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === $("search")) {
      if (event.key === "Escape") { seek(""); list.focus(); }
      if (event.key === "Enter" && shown.length) { at = (shown.find(matches) ?? shown[0]).at; list.focus(); go(0); }
      return;
    }
    const onRows = shown.length > 0 && (event.target === list || event.target === document.body);
    const act = (onRows && Object.hasOwn(KEYS, event.key) && KEYS[event.key]) || (Object.hasOwn(ANYWHERE, event.key) && ANYWHERE[event.key]);
    if (!act) return;
    event.preventDefault();
    act();
  });
  const search = () => { query = words($("search").value); reselect(); };
  const seek = (text) => { $("search").value = text; search(); };
  $("search").addEventListener("input", search);
  const click = (id, act) => $(id).addEventListener("click", act);
  click("in", () => zoom(0.5)); click("out", () => zoom(2)); click("left", () => pan(-0.5)); click("right", () => pan(0.5)); click("whole", whole);
  click("fold", () => foldAll(false)); click("unfold", () => foldAll(true));
  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const top = Math.floor((-list.getBoundingClientRect().top) / height), bottom = top + window.innerHeight / height;
      if ((top < first && first > 0) || (bottom > first + WINDOW && first + WINDOW < shown.length)) fill();
    });
  };
  addEventListener("scroll", soon, { passive: true });
  addEventListener("resize", () => { redraw(); if (!$("details").hidden) reveal(); });
  addEventListener("beforeprint", () => { printing = true; redraw(); });
  addEventListener("afterprint", () => { printing = false; redraw(); });

  const head = () => {
    const drawn = rows.filter((row) => row.kind === "s").map((row) => row.record);
    const root = drawn[0];
    const what = root ? [[root.method, root.path ?? root.route].filter(Boolean).join(" "), ended(root) && "→ " + ended(root), root.duration_us === undefined ? "" : "in " + duration(root.duration_us)].filter(Boolean).join(" ") : "One request";
    $("asked").textContent = safe(what);
    document.title = cut(safe(data.id), 40) + " " + cut(safe(what), 80);
    const facts = [["id", data.id], ["began", data.start], ["lasted", duration(data.duration_us)], ["hops", String(drawn.length)], ["events", String(data.events.length)]];
    for (const [name, field] of [["user", "user_id"], ["key", "api_key"], ["API method", "api_method"], ["release", "release"]]) {
      const found = drawn.find((record) => record[field] !== undefined);
      if (found) facts.push([name, found[field]]);
    }
    for (const [name, value] of facts) {
      if (value === undefined) continue;
      const pair = element("div");
      pair.append(element("dt", "", name), element("dd", "", safe(value)));
      $("facts").append(pair);
    }
    $("command").textContent = data.command;
    $("has_event").hidden = !data.events.length;
    $("has_unknown").hidden = drawn.every((record) => record.duration_us !== undefined);
    $("has_guess").hidden = ![...drawn, ...data.events].some((record) => record.is_guess);
    // The first few, what is missing before what is assumed, and the others for who asks, so that the picture stays near.
    const items = [...data.gaps, ...data.skews].slice(0, 1000).map((gap) => element("li", "", gap.text));
    const few = items.length > 5 ? 4 : items.length;
    $("gaps").append(...items.slice(0, few));
    $("more").hidden = items.length === few;
    $("more_gaps").append(...items.slice(few));
    $("more").firstElementChild.textContent = items.length - few + " more";
  };
  head();
  reselect();
})();
