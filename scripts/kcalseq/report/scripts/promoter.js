// The drawn promoter: zoom, and what stands at a position, by mouse, touch or keyboard.

const UNIT_WIDTH = 12;

function startPromoter(figure) {
  const drawing = figure.querySelector("svg.promoter");
  const controls = figure.querySelector(".controls");
  const [zoom, place] = controls.querySelectorAll("input");
  const told = controls.querySelector("output");
  const marker = drawing.querySelector(".marker");
  const positions = contentOf(figure.dataset.positions);
  const left = Number(drawing.dataset.left);

  function show(number) {
    place.value = number;
    marker.setAttribute("x", left + number * UNIT_WIDTH);
    marker.removeAttribute("visibility");
    told.textContent = positions[number];
    place.setAttribute("aria-valuetext", positions[number]);
  }

  controls.hidden = false;
  zoom.addEventListener("input", () => drawing.style.setProperty("--zoom", zoom.value));
  place.addEventListener("input", () => show(Number(place.value)));
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * drawing.viewBox.baseVal.width - left;
    const number = Math.floor(x / UNIT_WIDTH);
    if (number >= 0 && number < positions.length) show(number);
  });
}
