// The points of one panel of a figure: hover, search or step through them, and each tells whose it is.

// As the drawing in the page's template.
const BOX = { width: 640, height: 420, left: 66, right: 626, top: 12, bottom: 366 };

// Places of up to eight round numbers between two ends.
function roundTicks(low, high) {
  const rough = (high - low) / 8;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough);
  const first = Math.ceil(low / step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => [(first + i) * step, decimals]);
}

function scaleOf(values, from, to) {
  const [low, high] = values.reduce(([a, b], one) => [Math.min(a, one), Math.max(b, one)], [Infinity, -Infinity]);
  const margin = (high - low) * 0.04 || 1;
  const ends = [low - margin, high + margin];
  return { ends, at: (value) => from + ((value - ends[0]) / (ends[1] - ends[0])) * (to - from) };
}

function pointWords(panel, i) {
  const name = panel.names[i];
  const number = (value) => String(value).replace("-", "−");
  return `${name.length > 120 ? `${name.slice(0, 119)}…` : name}: ${panel.x_axis} ${number(panel.x[i])}; ${panel.y_axis} ${number(panel.y[i])}`;
}

function drawScatter(drawing, panel) {
  const x = scaleOf(panel.x.concat(...panel.lines.map((line) => line[0])), BOX.left, BOX.right);
  const y = scaleOf(panel.y.concat(...panel.lines.map((line) => line[1])), BOX.bottom, BOX.top);
  drawing.replaceChildren();
  const add = (name, attributes, text) => {
    const made = drawn(drawing, name, attributes, text);
    drawing.append(made);
    return made;
  };
  roundTicks(...x.ends).forEach(([value, decimals]) => {
    add("line", { class: "grid", x1: x.at(value), x2: x.at(value), y1: BOX.top, y2: BOX.bottom });
    add("text", { x: x.at(value), y: BOX.bottom + 17, "text-anchor": "middle" }, numberWords(value, decimals));
  });
  roundTicks(...y.ends).forEach(([value, decimals]) => {
    add("line", { class: "grid", x1: BOX.left, x2: BOX.right, y1: y.at(value), y2: y.at(value) });
    add("text", { x: BOX.left - 7, y: y.at(value) + 4, "text-anchor": "end" }, numberWords(value, decimals));
  });
  panel.lines.forEach(([xs, ys]) => {
    add("polyline", { class: "line", points: xs.map((one, i) => `${x.at(one)},${y.at(ys[i])}`).join(" ") });
  });
  // One path a series: a stroke of no length with round ends is a dot.
  panel.series.forEach((_, s) => {
    const dots = panel.x.map((one, i) => (panel.of[i] === s ? `M${x.at(one).toFixed(1)} ${y.at(panel.y[i]).toFixed(1)}h0` : ""));
    add("path", { class: `s${s % 4}`, d: dots.join("") });
  });
  add("text", { x: (BOX.left + BOX.right) / 2, y: BOX.bottom + 40, "text-anchor": "middle" }, panel.x_axis);
  add("text", { transform: `translate(14 ${(BOX.top + BOX.bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, panel.y_axis);
  const place = add("circle", { class: "place", r: 7, visibility: "hidden" });
  return { x, y, place };
}

function startScatter(box, panels, told) {
  const drawing = document.getElementById("viewer-drawing").content.firstElementChild.cloneNode(true);
  const choice = element("select", { id: "viewer-panel" }, ...panels.map((panel, i) => element("option", { value: i }, panel.title || `Panel ${i + 1}`)));
  const search = element("input", { type: "search", id: "viewer-search", autocomplete: "off", spellcheck: "false" });
  const step = element("input", { type: "range", id: "viewer-step", min: 0, step: 1, value: 0 });
  const output = element("output", { for: "viewer-search viewer-step" });
  const keys = element("ul", { class: "keys" });
  let panel = null;
  let places = null;

  function show(i) {
    step.value = i;
    places.place.setAttribute("cx", places.x.at(panel.x[i]));
    places.place.setAttribute("cy", places.y.at(panel.y[i]));
    places.place.removeAttribute("visibility");
    output.textContent = pointWords(panel, i);
    step.setAttribute("aria-valuetext", output.textContent);
  }

  function choose() {
    panel = panels[Number(choice.value)];
    places = drawScatter(drawing, panel);
    drawing.setAttribute("aria-label", `${panel.title}: ${panel.names.length} points, ${panel.y_axis} against ${panel.x_axis}. Step through them with Point, or search a name.`);
    step.max = panel.names.length - 1;
    step.value = 0;
    output.textContent = "";
    keys.replaceChildren(...panel.series.map((name, s) => element("li", {}, element("span", { class: `s${s % 4}`, "aria-hidden": "true" }, "●"), ` ${name || "points"}`)));
  }

  drawing.addEventListener("pointermove", (event) => {
    const shown = drawing.getBoundingClientRect();
    const at = [((event.clientX - shown.left) / shown.width) * BOX.width, ((event.clientY - shown.top) / shown.height) * BOX.height];
    const away = (i) => (places.x.at(panel.x[i]) - at[0]) ** 2 + (places.y.at(panel.y[i]) - at[1]) ** 2;
    const nearest = panel.names.reduce((best, _, i) => (away(i) < away(best) ? i : best), 0);
    if (away(nearest) < 400) show(nearest);
  });
  step.addEventListener("input", () => show(Number(step.value)));
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toUpperCase();
    const found = wanted ? panel.names.findIndex((name) => name.toUpperCase().includes(wanted)) : -1;
    if (found >= 0) show(found);
    else output.textContent = wanted ? "No such point is shown here." : "";
  });
  choice.addEventListener("change", choose);
  const pair = (words, input) => element("span", { class: "pair" }, element("label", { for: input.id }, words), input);
  box.append(
    element("p", {}, told),
    element("div", { class: "controls" }, ...(panels.length > 1 ? [pair("Panel", choice)] : []), pair("Find a name", search), pair("Point", step)),
    element("p", { role: "status", class: "told" }, output), drawing, keys,
  );
  choose();
}
