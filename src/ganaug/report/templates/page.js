// Draws the charts in the page's colours, redraws them when these change, and shows one training step at a time.
(() => {
  const specs = JSON.parse(document.getElementById("charts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let views = [];

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const value = name => style.getPropertyValue(name).trim();
    const text = { labelColor: value("--soft"), titleColor: value("--soft"), labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400 };
    return {
      background: "transparent",
      font: "system-ui, sans-serif",
      autosize: { type: "fit-x", contains: "padding" },
      view: { stroke: null },
      axis: { ...text, gridColor: value("--line"), domainColor: value("--line"), tickColor: value("--line") },
      axisY: { labelColor: value("--text") },
      legend: { ...text, labelLimit: 220, symbolStrokeColor: value("--soft"), symbolOpacity: 1 },
      range: { category: value("--series").split(/\s+/) },
      style: { band: { color: value("--band") }, zero: { color: value("--interval"), strokeWidth: 1.2 }, value: { color: value("--text"), fontSize: 12 } },
    };
  }

  function draw() {
    views.forEach(view => view.finalize());
    const config = theme();
    views = [...document.querySelectorAll("[data-chart]")].map(container => {
      const { spec } = vegaLite.compile(specs[container.dataset.chart], { config });
      const view = new vega.View(vega.parse(spec), { renderer: "svg", container, hover: true });
      view.runAsync().then(() => container.querySelector("svg").setAttribute("aria-hidden", "true"));
      return view;
    });
    document.querySelectorAll(".series").forEach((mark, number) =>
      mark.style.setProperty("--colour", config.range.category[number % config.range.category.length]));
  }

  const slider = document.getElementById("frame");
  slider?.addEventListener("input", () => {
    const frames = document.querySelectorAll(".frames img");
    frames.forEach((frame, number) => { frame.hidden = number !== Number(slider.value); });
    document.getElementById("frame-step").value = frames[slider.value].dataset.step;
    slider.setAttribute("aria-valuetext", `step ${frames[slider.value].dataset.step}`);
  });

  dark.addEventListener("change", draw);
  draw();
})();
