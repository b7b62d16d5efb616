// The table of variants: search, sort, pages.

const ROWS_A_PAGE = 20;
const COLLATOR = new Intl.Collator("en");

async function startVariants(box) {
  const { columns, wildtype } = await unpackedOf(document.getElementById(box.dataset.variants));
  const n = columns[0].values.length;
  const body = box.querySelector("tbody");
  const search = box.querySelector('input[type="search"]');
  const [first, back, forward, last] = box.querySelectorAll("[data-turn]");
  const texts = columns.filter((column) => column.kind === "text" || column.kind === "sequence");
  const words = Array.from({ length: n }, (_, row) => texts.map((column) => column.values[row].toUpperCase()).join("\n"));
  const view = { rows: Array.from({ length: n }, (_, row) => row), page: 0, column: null, down: false };

  function cell(column, row) {
    const value = column.values[row];
    if (column.kind === "sequence") {
      const code = element("code", { class: "sequence" });
      let same = "";
      Array.from(value).forEach((letter, i) => {
        if (!wildtype || wildtype.length !== value.length || wildtype[i] === letter) {
          same += letter;
          return;
        }
        code.append(same, element("b", {}, letter));
        same = "";
      });
      code.append(same);
      return element("td", {}, code);
    }
    if (column.kind === "text") return element("td", {}, value);
    if (column.kind === "choice") return element("td", {}, column.choices[value]);
    const text = value === null ? "–" : column.kind === "count" ? countWords(value) : numberWords(value, 2);
    return element("td", { class: "number" }, text);
  }

  function show() {
    const pages = Math.max(1, Math.ceil(view.rows.length / ROWS_A_PAGE));
    view.page = Math.min(Math.max(view.page, 0), pages - 1);
    const from = view.page * ROWS_A_PAGE;
    body.replaceChildren(...view.rows.slice(from, from + ROWS_A_PAGE)
      .map((row) => element("tr", {}, ...columns.map((column) => cell(column, row)))));
    box.querySelector('[role="status"]').textContent = view.rows.length
      ? `${countWords(view.rows.length)} of ${countWords(n)} variants, page ${view.page + 1} of ${countWords(pages)}`
      : `None of ${countWords(n)} variants`;
    first.disabled = back.disabled = view.page === 0;
    forward.disabled = last.disabled = view.page === pages - 1;
    first.onclick = () => turn(0);
    back.onclick = () => turn(view.page - 1);
    forward.onclick = () => turn(view.page + 1);
    last.onclick = () => turn(pages - 1);
  }

  function turn(page) {
    view.page = page;
    show();
  }

  // Missing values stand last, whichever way the column is sorted; equal ones keep their order.
  function compare(one, two) {
    const values = view.column.values;
    const [a, b] = [values[one], values[two]];
    if (a === b) return one - two;
    if (a === null || b === null) return a === null ? 1 : -1;
    const order = typeof a === "string" ? COLLATOR.compare(a, b) : a - b;
    return (view.down ? -order : order) || one - two;
  }

  function choose() {
    const wanted = search.value.trim().toUpperCase();
    view.rows = words.flatMap((text, row) => (text.includes(wanted) ? [row] : []));
    if (view.column) view.rows.sort(compare);
    turn(0);
  }

  box.querySelectorAll("thead th").forEach((head, number, heads) => {
    const button = element("button", { type: "button", class: "sort" }, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const column = columns[number];
      // Numbers are wanted largest first, names from A.
      view.down = view.column === column ? !view.down : column.kind === "number" || column.kind === "count";
      view.column = column;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", view.down ? "descending" : "ascending");
      choose();
    });
  });
  search.addEventListener("input", choose);
  box.querySelectorAll(".controls").forEach((part) => { part.hidden = false; });
  show();
  box.removeAttribute("data-waiting");
}
