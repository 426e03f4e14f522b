"use strict";
// The pages work without this file; it saves clicks. It asks this server only.

const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

// Filters apply as soon as a choice is made.
for (const form of all("form[data-submits]")) {
  for (const select of all("select", form)) select.addEventListener("change", () => form.requestSubmit());
}

// Empty fields stay out of the address.
for (const form of all('form[method="get"]')) {
  form.addEventListener("submit", () => {
    for (const field of all("input, select", form)) if (field.name && field.value === "") field.disabled = true;
    setTimeout(() => all("input, select", form).forEach((field) => { field.disabled = false; }), 500);
  });
}

// Two of them, no more and no less.
for (const form of all("form[data-two]")) {
  const boxes = all('input[type="checkbox"]', form);
  const button = form.querySelector("[data-needs-two]");
  const look = () => { button.disabled = boxes.filter((box) => box.checked).length !== 2; };
  boxes.forEach((box) => box.addEventListener("change", look));
  look();
}

// The depth of a list: the nearest point of the curve, told at once and marked in the picture.
for (const place of all("[data-depth]")) {
  const customers = JSON.parse(place.dataset.customers);
  const profit = JSON.parse(place.dataset.profit);
  const slider = place.querySelector('input[type="range"]');
  const mark = place.querySelector("line.mark");
  const label = place.querySelector("text.value");
  const line = place.querySelector("polyline");
  const points = line ? line.getAttribute("points").split(" ").map((pair) => Number(pair.split(",")[0])) : [];
  const money = new Intl.NumberFormat("en-GB", { style: "currency", currency: place.dataset.currency || "EUR", maximumFractionDigits: 0 });
  const count = new Intl.NumberFormat("en-GB");
  place.querySelector("[data-scriptless]").hidden = true;
  slider.addEventListener("input", () => {
    const wanted = Number(slider.value);
    let best = 0;
    customers.forEach((value, at) => { if (Math.abs(value - wanted) < Math.abs(customers[best] - wanted)) best = at; });
    place.querySelector('[data-part="customers"]').textContent = count.format(customers[best]);
    place.querySelector('[data-part="profit"]').textContent = money.format(profit[best]).replace("-", "\u2212");
    if (mark && points.length) {
      mark.setAttribute("x1", points[best]);
      mark.setAttribute("x2", points[best]);
      const right = points[best] > 280;
      label.setAttribute("x", points[best] + (right ? -8 : 8));
      label.classList.toggle("end", right);
      label.textContent = `stop at ${count.format(customers[best])}`;
    }
  });
}

// What is supposed, told while the slider moves.
for (const output of all("[data-output]")) {
  const slider = document.querySelector(`[name="${output.dataset.output}"]`);
  slider.addEventListener("input", () => { output.textContent = `${slider.value}%`; });
}

// The whole tree at once.
for (const bar of all("[data-scripted]")) bar.hidden = false;
const branches = all("details.branch");
all("[data-open-all]").forEach((button) => button.addEventListener("click", () => branches.forEach((one) => { one.open = true; })));
all("[data-close-all]").forEach((button) => button.addEventListener("click", () => branches.forEach((one) => { one.open = false; })));

// How far a running one is; the page is loaded anew when it begins or ends.
const running = document.querySelector("[data-running]");
if (running) {
  const part = (name) => running.querySelector(`[data-part="${name}"]`);
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch("/running", { headers: { Accept: "application/json" } });
      const state = (await answer.json()).running;
      if (Boolean(state) !== (running.dataset.running === "yes")) { location.reload(); return; }
      if (!state) return;
      part("bar").max = state.of;
      part("bar").value = state.done;
      part("done").textContent = state.done;
      if (part("last")) part("last").textContent = state.last;
      const minutes = Math.floor(state.seconds / 60);
      part("seconds").textContent = minutes ? `${minutes} min ${state.seconds % 60} s` : `${state.seconds} s`;
    } catch (error) { /* the server is away; the next look may find it */ }
  }, 4000);
}
