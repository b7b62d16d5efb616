// The model's physics: a sequence and concentrations to energies, states, phenotype and what is measured.
// Energies in kcal/mol. The same equations as in kcalseq.models: ensemble, measurement, epistasis, barcodes.

const BASES = "ACGT";

function basesOf(sequence) {
  return Array.from(sequence, (letter) => BASES.indexOf(letter));
}

// Energy of a site with its chemical potential where its factor has that many times the experiment's concentration.
function siteEnergy(site, bases, experiment, times, kt) {
  let energy = site.mu[experiment] - kt * Math.log(times);
  const own = site.positions.map((position) => (site.reverse ? 3 - bases[position] : bases[position]));
  own.forEach((base, i) => { energy += site.energies[4 * i + base]; });
  site.pairs.forEach(([one, two], number) => {
    energy += site.pair_energies[16 * number + 4 * own[one] + own[two]];
  });
  return energy;
}

// log of a sum of exponentials; the largest is taken out, so that none overflows.
function logSum(values) {
  const largest = Math.max(...values);
  if (largest === -Infinity) return -Infinity;
  return largest + Math.log(values.reduce((total, value) => total + Math.exp(value - largest), 0));
}

// Raw phenotype from the states' log weights, or from the energy of an additive model.
function rawPhenotype(numbers, siteEnergies, logWeights) {
  if (numbers.phenotype === "minus_energy") return -siteEnergies[0];
  const on = [];
  const off = [];
  numbers.states.forEach((state, s) => {
    if (state.log_rate === null) off.push(logWeights[s]);
    else on.push(logWeights[s] + state.log_rate);
  });
  return logSum(on) - logSum(numbers.phenotype === "log_odds" ? off : logWeights);
}

// What the measurement process expects at a phenotype phi.
function measured(curve, phi) {
  const tanhUnits = () => curve.c.map((slope, k) => Math.tanh(slope * phi + curve.d[k]));
  const dot = (weights, units) => weights.reduce((total, weight, k) => total + weight * units[k], 0);
  if (curve.name === "tanh_bins") {
    const units = tanhUnits();
    const sorted = curve.bins.map((bin, y) => ({ bin, logit: curve.a[y] + dot(curve.b[y], units) }))
      .filter((one) => one.bin > 0);
    const total = logSum(sorted.map((one) => one.logit));
    return sorted.reduce((mean, one) => mean + one.bin * Math.exp(one.logit - total), 0);
  }
  if (curve.name === "log2") {
    const activity = curve.log_background === null ? phi : logSum([phi, curve.log_background]);
    return (activity + curve.offset) / Math.LN2;
  }
  const scaled = curve.name === "linear_value" ? curve.a + curve.b * phi : curve.a + dot(curve.b, tanhUnits());
  return curve.value_mean + curve.value_sd * scaled;
}

// Everything at once; times: the concentration of each factor, relative to the experiment's.
function predict(model, sequence, experiment, times) {
  const numbers = model.numbers;
  const bases = basesOf(sequence);
  const siteEnergies = numbers.sites.map((site) => siteEnergy(site, bases, experiment, times[site.factor], model.kt));
  const terms = new Map(numbers.sites.map((site, i) => [site.name, siteEnergies[i]]));
  numbers.interactions.forEach((item) => terms.set(item.name, item.energy));
  const energies = numbers.states.map((state) => state.terms.reduce((total, term) => total + terms.get(term), 0));
  const logWeights = energies.map((energy) => -energy / model.kt);
  const all = energies.length ? logSum(logWeights) : 0;
  const own = numbers.experiments[experiment];
  const phi = (rawPhenotype(numbers, siteEnergies, logWeights) - own.mean) / own.sd;
  return {
    siteEnergies,
    stateEnergies: energies,
    occupancies: logWeights.map((weight) => Math.exp(weight - all)),
    phi,
    expected: measured(own.curve, phi),
  };
}
