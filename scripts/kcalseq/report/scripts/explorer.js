// One model to play with: a sequence and concentrations go in, states and what would be measured come out.

function startExplorer(box) {
  const model = contentOf(box.dataset.model);
  const numbers = model.numbers;
  const find = (name) => box.querySelector(`[data-part="${name}"]`);
  const sequence = find("sequence");
  const sliders = [...box.querySelectorAll('input[type="range"]')];
  const condition = find("condition");
  const curve = find("curve");
  const view = { sequence: numbers.wildtype, swept: 0 };

  const experiment = () => (condition ? Number(condition.value) : 0);
  const times = () => numbers.factors.map((_, i) => (sliders[i] ? 10 ** Number(sliders[i].value) : 1));
  const ones = numbers.factors.map(() => 1);

  // Where the sequence cannot be read the numbers of the last good one would mislead: they go.
  function readSequence() {
    const typed = sequence.value.replace(/\s+/g, "").toUpperCase();
    const strange = typed.match(/[^ACGT]/u);
    const wrong = strange || typed.length !== numbers.length;
    sequence.setAttribute("aria-invalid", String(Boolean(wrong)));
    view.sequence = wrong ? null : typed;
    if (strange) return `The letter “${strange[0]}” is none of A, C, G, T.`;
    if (wrong) return `${typed.length} of ${numbers.length} bases.`;
    if (!numbers.wildtype) return `${typed.length} bases.`;
    const n = Array.from(typed).filter((letter, i) => letter !== numbers.wildtype[i]).length;
    return n ? `${n} of ${typed.length} bases differ from the wild type.` : "This is the wild type.";
  }

  function tell(name, value, text) {
    const output = find(name);
    output.textContent = text;
    if (value === null) delete output.dataset.value;
    else output.dataset.value = value;
  }

  function showSites(found) {
    const reference = numbers.wildtype && predict(model, numbers.wildtype, experiment(), ones);
    numbers.sites.forEach((site, i) => {
      const energy = found && found.siteEnergies[i];
      const shift = found && reference ? energy - reference.siteEnergies[i] : null;
      if (find(`energy-${i}`)) tell(`energy-${i}`, energy, found ? numberWords(energy, 2) : "–");
      tell(`shift-${i}`, shift, shift === null ? "–" : numberWords(shift, 2));
    });
  }

  function showStates(found) {
    numbers.states.forEach((_, s) => {
      const share = found ? found.occupancies[s] : 0;
      tell(`state-energy-${s}`, found && found.stateEnergies[s], found ? numberWords(found.stateEnergies[s], 2) : "–");
      tell(`occupancy-${s}`, found && share, found ? shareWords(share) : "–");
      find(`bar-${s}`).style.width = `${100 * share}%`;
    });
  }

  function showCurve() {
    if (!curve) return;
    const swept = view.swept;
    const at = (log) => predict(model, view.sequence, experiment(), times().map((own, i) => (i === swept ? 10 ** log : own)));
    const points = view.sequence ? Array.from({ length: 61 }, (_, i) => [i / 10 - 3, at(i / 10 - 3).expected]) : [];
    drawResponse(curve, points, Number(sliders[swept].value), numbers.factors[swept], box.dataset.unit);
  }

  function show() {
    const found = view.sequence && predict(model, view.sequence, experiment(), times());
    tell("expected", found && found.expected, found ? numberWords(found.expected, 3) : "–");
    tell("phi", found && found.phi, found ? numberWords(found.phi, 3) : "–");
    const wildtype = numbers.wildtype && predict(model, numbers.wildtype, experiment(), ones);
    tell("reference", wildtype ? wildtype.expected : null, wildtype ? numberWords(wildtype.expected, 3) : "–");
    sliders.forEach((slider, i) => {
      const words = factorWords(times()[i]);
      find(`factor-${i}`).textContent = words;
      slider.setAttribute("aria-valuetext", `${words} the experiment’s concentration`);
    });
    showSites(found);
    showStates(found);
    showCurve();
  }

  function take(letters) {
    sequence.value = letters;
    find("told").textContent = readSequence();
    show();
  }

  sequence.addEventListener("input", () => {
    find("told").textContent = readSequence();
    show();
  });
  sliders.forEach((slider, i) => slider.addEventListener("input", () => {
    view.swept = i;
    show();
  }));
  if (condition) condition.addEventListener("change", show);
  if (find("wildtype")) find("wildtype").addEventListener("click", () => take(numbers.wildtype));
  if (find("reset")) {
    find("reset").addEventListener("click", () => {
      sliders.forEach((slider) => { slider.value = 0; });
      show();
    });
  }
  box.querySelectorAll(".controls").forEach((part) => { part.hidden = false; });
  take(numbers.wildtype || "");
}
