// Figures: large in a dialog, and where their points have names, the points themselves.

function openViewer(title, fill) {
  const viewer = document.getElementById("viewer");
  const content = document.getElementById("viewer-content");
  document.getElementById("viewer-title").textContent = title;
  content.replaceChildren();
  fill(content);
  viewer.querySelector("[data-close]").onclick = () => viewer.close();
  // The dialog itself is clicked where the page behind it shows.
  viewer.onclick = (event) => { if (event.target === viewer) viewer.close(); };
  viewer.showModal();
}

function startFigure(figure) {
  const title = figure.dataset.figure;
  const image = figure.querySelector("img");
  const packed = figure.querySelector("script");

  function enlarge() {
    openViewer(title, (content) => {
      const zoom = element("input", { type: "range", id: "viewer-zoom", min: 1, max: 4, step: 0.25, value: 1 });
      const large = element("div", { class: "enlarged", tabindex: 0, role: "region", "aria-label": title },
        element("img", { src: image.src, alt: image.alt }));
      zoom.addEventListener("input", () => large.style.setProperty("--zoom", zoom.value));
      content.append(
        element("div", { class: "controls" }, element("span", { class: "pair" }, element("label", { for: "viewer-zoom" }, "Zoom"), zoom)),
        large, element("p", {}, figure.querySelector("figcaption").textContent),
      );
    });
  }

  async function look() {
    const panels = await unpackedOf(packed);
    const [shown, total] = [Number(packed.dataset.shown), Number(packed.dataset.total)];
    const told = shown < total
      ? `${countWords(shown)} of ${countWords(total)} points, spread evenly along the x axis; all are in the table of numbers drawn.`
      : `All ${countWords(total)} points.`;
    openViewer(title, (content) => startScatter(content, panels, told));
  }

  figure.querySelector(".controls").hidden = false;
  figure.querySelector("[data-enlarge]").addEventListener("click", enlarge);
  image.addEventListener("click", enlarge);
  const points = figure.querySelector("[data-look]");
  if (points) points.addEventListener("click", look);
}
