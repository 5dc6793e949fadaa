import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";
import { RANGES, range, showTimeline, timeline } from "./state.ts";
import { clockOf } from "./text.tsx";

const dark = matchMedia("(prefers-color-scheme: dark)");

function draw(host: HTMLElement): UPlot {
  const colors = getComputedStyle(document.documentElement);
  const color = (name: string) => colors.getPropertyValue(name).trim();
  const axis = { stroke: color("--soft"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false } };
  const bars = UPlot.paths.bars?.({ size: [0.7, 28] });
  const entries = timeline.value;
  const font = "11px system-ui, sans-serif";
  return new UPlot(
    {
      width: host.clientWidth,
      height: 120,
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
      axes: [
        { ...axis, font, grid: { show: false } },
        {
          ...axis,
          font,
          size: 40,
          space: 22,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000, 1_000_000],
        },
      ],
      series: [
        {},
        { label: "Deliveries", fill: color("--bar"), width: 0, points: { show: false }, ...(bars && { paths: bars }) },
        { label: "Dead", fill: color("--dead"), width: 0, points: { show: false }, ...(bars && { paths: bars }) },
      ],
    },
    [
      entries.map(({ at }) => Date.parse(at) / 1_000),
      entries.map(({ received }) => received),
      entries.map(({ dead }) => dead),
    ],
    host,
  );
}

/** Deliveries and failures over time, with the same figures as a table. */
export function Chart() {
  const host = useRef<HTMLDivElement>(null);
  const entries = timeline.value;
  useEffect(() => {
    const element = host.current;
    if (element === null || entries.length === 0) return;
    let plot = draw(element);
    const again = () => {
      plot.destroy();
      plot = draw(element);
    };
    const sizes = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: 120 }));
    sizes.observe(element);
    dark.addEventListener("change", again);
    return () => {
      sizes.disconnect();
      dark.removeEventListener("change", again);
      plot.destroy();
    };
  }, [entries]);
  const sum = (name: "received" | "dead" | "duplicates") => entries.reduce((all, entry) => all + entry[name], 0);
  const summary = `${sum("received")} deliveries, ${sum("dead")} of them dead, ${sum("duplicates")} delivered again`;
  return (
    <section class="chart" aria-label="Deliveries over time">
      <div class="bar">
        <p class="legend">
          <span class="swatch bars" /> Deliveries <span class="swatch deads" /> Dead
        </p>
        <div class="tabs">
          {(["hour", "day", "week"] as const).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={range.value === name}
              onClick={() => {
                range.value = name;
                showTimeline();
              }}
            >
              {RANGES[name].label}
            </button>
          ))}
        </div>
      </div>
      <div
        class="plot"
        ref={host}
        role="img"
        aria-label={`Chart of the last ${RANGES[range.value].label}: ${summary}`}
      />
      <details>
        <summary>{summary}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keys */}
        <section class="scroll" tabIndex={0} aria-label="Figures of the chart">
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">Deliveries</th>
                <th scope="col">Done</th>
                <th scope="col">Dead</th>
                <th scope="col">Again</th>
              </tr>
            </thead>
            <tbody>
              {entries
                .filter(({ received, duplicates }) => received + duplicates > 0)
                .map(({ at, received, done, dead, duplicates }) => (
                  <tr key={at}>
                    <th scope="row">{clockOf(at)}</th>
                    <td>{received}</td>
                    <td>{done}</td>
                    <td>{dead}</td>
                    <td>{duplicates}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </section>
      </details>
    </section>
  );
}
