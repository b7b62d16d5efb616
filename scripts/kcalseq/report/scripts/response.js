// What would be measured against the concentration of one factor, as a small curve.

const FRAME = { left: 52, right: 300, top: 14, bottom: 132 };

function drawResponse(drawing, points, place, site, unit) {
  drawing.replaceChildren();
  const add = (name, attributes, text) => drawing.append(drawn(drawing, name, attributes, text));
  const title = points.length
    ? `Predicted ${unit} against the concentration of ${site}: ${numberWords(points[0][1], 2)} at a thousandth, ` +
      `${numberWords(points[points.length - 1][1], 2)} at a thousand times the experiment’s.`
    : "No sequence, no curve.";
  drawing.setAttribute("aria-label", title);
  if (!points.length) return;
  const values = points.map((point) => point[1]);
  const middle = (Math.max(...values) + Math.min(...values)) / 2;
  const half = Math.max((Math.max(...values) - Math.min(...values)) / 2, 0.05) * 1.1;
  const x = (log) => FRAME.left + ((log + 3) / 6) * (FRAME.right - FRAME.left);
  const y = (value) => FRAME.bottom - ((value - middle + half) / (2 * half)) * (FRAME.bottom - FRAME.top);
  [-3, -2, -1, 0, 1, 2, 3].forEach((log) => {
    add("line", { class: log ? "grid" : "grid now", x1: x(log), x2: x(log), y1: FRAME.top, y2: FRAME.bottom });
    if (log % 3 === 0 || Math.abs(log) === 1) {
      add("text", { x: x(log), y: FRAME.bottom + 15, "text-anchor": "middle" }, String(10 ** log));
    }
  });
  [middle - half / 1.1, middle, middle + half / 1.1].forEach((value) => {
    add("line", { class: "grid", x1: FRAME.left, x2: FRAME.right, y1: y(value), y2: y(value) });
    add("text", { x: FRAME.left - 6, y: y(value) + 4, "text-anchor": "end" }, numberWords(value, 2));
  });
  add("polyline", { class: "curve", points: points.map(([log, value]) => `${x(log)},${y(value)}`).join(" ") });
  const now = points.reduce((best, point) => (Math.abs(point[0] - place) < Math.abs(best[0] - place) ? point : best));
  add("circle", { class: "place", cx: x(place), cy: y(now[1]), r: 5 });
  add("text", { x: (FRAME.left + FRAME.right) / 2, y: FRAME.bottom + 31, "text-anchor": "middle" },
    `concentration of ${site}, times the experiment’s`);
}
