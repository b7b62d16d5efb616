// Numbers and elements as the page writes them.

function numberWords(value, decimals) {
  if (value === null || !Number.isFinite(value)) return "not determined";
  const rounded = Number(value.toFixed(decimals)) + 0;
  return rounded.toFixed(decimals).replace("-", "−");
}

function countWords(value) {
  return value.toLocaleString("en-US");
}

function shareWords(part) {
  const percent = 100 * part;
  return `${percent >= 0.005 || percent === 0 ? percent.toFixed(2) : "under 0.01"}\u00a0%`;
}

// A factor as a person says it: three digits, no exponent between a thousandth and a thousand.
function factorWords(factor) {
  return `${Number(factor.toPrecision(factor < 1 ? 2 : 3))}\u00a0×`;
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

// An element of a drawing: it takes the namespace of the drawing that it is made for.
function drawn(drawing, name, attributes, text) {
  const made = document.createElementNS(drawing.namespaceURI, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  if (text !== undefined) made.textContent = text;
  return made;
}

// What was compressed for the page: gzip in letters.
async function unpackedOf(script) {
  const letters = atob(script.textContent);
  const packed = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function contentOf(identity) {
  return JSON.parse(document.getElementById(identity).textContent);
}
