// What is wrong with a page as it is drawn right now: texts that are cut, collide, leave the page or can hardly be
// told from what is behind them, and what is too small for a finger. An empty list if nothing is.
(isTouched) => {
  const found = [];
  const wrong = (what, ...texts) => { if (found.length < 20) found.push([what, ...texts.map((text) => String(text).trim().slice(0, 60))]); };
  // A picture that is a file of its own is scrolled, or shown smaller.
  const right = document.documentElement instanceof SVGElement ? document.documentElement.getBoundingClientRect().right : innerWidth;
  const isSeen = (box) => box.width > 0.5 && box.height > 0.5;

  // A canvas turns any colour that style knows into red, green, blue and opacity.
  const canvas = document.createElementNS("http://www.w3.org/1999/xhtml", "canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const colour = (text) => {
    if (!known.has(text)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      known.set(text, [...canvas.getImageData(0, 0, 1, 1).data]);
    }
    return known.get(text);
  };
  // WCAG 2.2: relative luminance, and contrast ratio.
  const luminance = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches;
  const behind = (element) => {
    const svg = element.closest("svg");
    const back = svg?.querySelector("rect.back");
    if (back) return colour(getComputedStyle(back).fill);
    for (let above = element; above; above = above.parentElement) {
      const back = colour(getComputedStyle(above).backgroundColor);
      if (back[3] === 255) return back;
      if (back[3] > 0) wrong("half transparent", above.className);
    }
    return isDark ? [0, 0, 0, 255] : [255, 255, 255, 255];
  };

  // What of a box is not cut away, and whether its end is told by an ellipsis.
  const visible = (element, box) => {
    let { left, top, right, bottom } = box, isTold = false, isScrolled = false;
    for (let above = element; above && above !== document.body && !(above instanceof SVGElement); above = above.parentElement) {
      const style = getComputedStyle(above);
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const clip = above.getBoundingClientRect();
      isTold ||= style.textOverflow === "ellipsis";
      isScrolled ||= /auto|scroll/.test(style.overflowX + style.overflowY);
      [left, top, right, bottom] = [Math.max(left, clip.left), Math.max(top, clip.top), Math.min(right, clip.right), Math.min(bottom, clip.bottom)];
    }
    const isCut = box.right > right + 1 || box.bottom > bottom + 1 || box.left < left - 1 || box.top < top - 1;
    return { left, top, right, bottom, isLost: isCut && !isTold && !isScrolled, isTold: isCut && isTold };
  };

  const isPrinted = matchMedia("print").matches;
  const sticky = (element) => {
    for (let above = element; above; above = above.parentElement) {
      if (getComputedStyle(above).position === "sticky") return true;
    }
    return false;
  };
  const texts = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || /^(script|style|title|desc|noscript)$/i.test(element.tagName)) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = element instanceof SVGElement ? [element.getBoundingClientRect()] : [...range.getClientRects()];
    for (const box of boxes.filter(isSeen)) {
      const seen = visible(element, box);
      if (seen.isLost) wrong("cut", node.data);
      if (seen.isTold && isPrinted) wrong("cut in print", node.data);
      if (seen.right <= seen.left || seen.bottom <= seen.top) continue;
      if (seen.left < -0.5 || seen.right > right + 0.5) wrong("beside the page", node.data);
      // Letters have less than the height of their line.
      const inner = (seen.bottom - seen.top) * 0.15;
      texts.push({ node, element, left: seen.left, right: seen.right, top: seen.top + inner, bottom: seen.bottom - inner, sticky: sticky(element) });
    }
    const style = getComputedStyle(element);
    const ink = colour(element instanceof SVGElement ? style.fill : style.color);
    const ratio = contrast(ink, behind(element));
    if (ratio < 4.5) wrong("contrast " + ratio.toFixed(2), node.data);
    if (boxes.some(isSeen) && parseFloat(style.fontSize) < (isPrinted ? 9 : 11)) wrong("small letters", node.data);
  }
  for (const input of document.querySelectorAll("input")) {
    if (!input.checkVisibility()) continue;
    const ratio = contrast(colour(getComputedStyle(input, "::placeholder").color), behind(input));
    if (ratio < 4.5) wrong("contrast " + ratio.toFixed(2), input.placeholder);
  }
  if (texts.length === 0) wrong("nothing is written here");
  // From top to bottom, so that only neighbours are compared.
  texts.sort((a, b) => a.top - b.top);
  texts.forEach((a, at) => {
    for (const b of texts.slice(at + 1)) {
      if (b.top >= a.bottom) break;
      // What sticks to an edge stands before what is scrolled below it.
      if (a.node === b.node || a.sticky !== b.sticky) continue;
      if (a.left < b.right - 0.5 && b.left < a.right - 0.5) wrong("overlap", a.node.data, b.node.data);
    }
  });
  // What a picture shows beyond its frame is not seen.
  for (const svg of document.querySelectorAll("svg")) {
    const frame = svg.getBoundingClientRect();
    if (!isSeen(frame)) continue;
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.left < frame.left - 0.5 || box.right > frame.right + 0.5 || box.bottom > frame.bottom + 0.5) wrong("cut by its picture", text.textContent);
    }
  }
  for (const mark of document.querySelectorAll(".bar, .part, .dot")) {
    const box = mark.getBoundingClientRect();
    if (box.right > right || box.left < 0) wrong("beside the page", mark.className);
  }
  // How bad an event is and how long things took have no ellipsis.
  for (const part of document.querySelectorAll(".level, .took, .toggle")) {
    if (part.scrollWidth > part.clientWidth + 1) wrong("cut", part.textContent);
  }
  for (const part of document.querySelectorAll(".name > *")) {
    const box = part.getBoundingClientRect();
    if (isPrinted && box.right > part.parentElement.getBoundingClientRect().right + 1) wrong("beside its column", part.textContent);
  }
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth && root.tagName === "HTML") wrong("the page is wider than the screen", root.scrollWidth);
  const tools = [...document.querySelectorAll("button, input, summary, a, .command")].filter((tool) => tool.checkVisibility());
  const frames = tools.map((tool) => tool.getBoundingClientRect());
  frames.forEach((a, at) => {
    const name = tools[at].id || tools[at].textContent;
    if (isPrinted && /^(BUTTON|INPUT)$/.test(tools[at].tagName)) wrong("nobody can press this on paper", name);
    if (isTouched && !isPrinted && a.height < 43.5) wrong("too low for a finger: " + a.height, name);
    if (isTouched && !isPrinted && /^(BUTTON|INPUT)$/.test(tools[at].tagName) && a.width < 43.5) wrong("too narrow for a finger: " + a.width, name);
    frames.slice(at + 1).forEach((b, further) => {
      if (a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5 && !tools[at + 1 + further].closest("#details")) wrong("tools overlap", name, tools[at + 1 + further].id);
    });
  });
  // Lines stand below each other, and in each the name and the bar beside or below each other.
  let end = -Infinity;
  for (const row of document.querySelectorAll(".row")) {
    if (!row.checkVisibility()) continue;
    const [line, name, track] = [row, ...row.children].map((part) => part.getBoundingClientRect());
    if (line.top < end - 0.5) wrong("lines overlap", row.textContent);
    if (track && name.right > track.left + 0.5 && name.bottom > track.top + 0.5) wrong("name and bar overlap", row.textContent);
    if (isTouched && !isPrinted && line.height < 43.5) wrong("too low for a finger: " + line.height, row.textContent);
    end = line.bottom;
  }
  return found;
}
