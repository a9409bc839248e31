// The report's style sheet: a light and a dark palette, chosen by the reader's system. Colours of history, simulation,
// inside and outside are told apart by people who see fewer colours, and never carry a meaning alone.
#pragma once

#include <string_view>

namespace stack::realism {

inline constexpr std::string_view kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --card: #ffffff; --ink: #1c2430; --soft: #5b6675; --line: #dfe3e8; --grid: #eceff2;
  --history: #2f6db3; --simulation: #d2691e; --noise: #8a94a3;
  --inside: #15803d; --inside-back: #e3f3e8; --outside: #b42318; --outside-back: #fbe4e1; --absent: #9aa4b1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --card: #1a2029; --ink: #e4e8ee; --soft: #9aa6b5; --line: #2d3642; --grid: #262e39;
    --history: #6ea8e8; --simulation: #f0944d; --noise: #7c8797;
    --inside: #5bc884; --inside-back: #173425; --outside: #ff8a7a; --outside-back: #43201d; --absent: #5d6775;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main, header, footer { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 36px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 20px; margin: 44px 0 6px; }
h3 { font-size: 15px; margin: 22px 0 6px; }
p { margin: 4px 0 12px; max-width: 82ch; }
.soft { color: var(--soft); }
a { color: var(--history); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 14px; margin: 22px 0 8px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.card .name { color: var(--soft); font-size: 13px; }
.card .value { font-size: 30px; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }
.card .note { color: var(--soft); font-size: 13px; }
.meter { height: 8px; border-radius: 4px; background: var(--outside-back); margin: 6px 0 4px; overflow: hidden; }
.meter div { height: 100%; background: var(--inside); }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 6px 12px; margin: 10px 0 4px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 8px; text-align: right; border-bottom: 1px solid var(--grid); white-space: nowrap; }
tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-weight: 600; border-bottom: 1px solid var(--line); }
th[scope=row], td.text, th.text { text-align: left; font-weight: 500; }
td.meaning { text-align: left; color: var(--soft); white-space: normal; min-width: 22ch; }
td.mark { text-align: center; font-weight: 700; }
.inside { color: var(--inside); } .outside { color: var(--outside); } .absent { color: var(--absent); }
td.mark.inside { background: var(--inside-back); } td.mark.outside { background: var(--outside-back); }
.matrix td.mark { border: 2px solid var(--card); border-radius: 5px; min-width: 34px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 14px; margin: 10px 0; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px 12px; }
figcaption { font-weight: 600; font-size: 13.5px; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 10px; }
svg text.cell { fill: revert-layer; font-size: 9px; text-anchor: middle; }
.middle { text-anchor: middle; } .end { text-anchor: end; }
.grid { stroke: var(--grid); } .axis { stroke: var(--soft); stroke-width: 0.8; }
path, .rule { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
path.thin { stroke-width: 1.1; } path.faint { opacity: 0.4; } path.dashed { stroke-dasharray: 4 3; }
path.history, line.history { stroke: var(--history); } path.simulation { stroke: var(--simulation); }
path.equal { stroke: var(--soft); stroke-width: 1; }
circle.simulation { fill: var(--simulation); } circle.outside { fill: var(--outside); }
circle.inside { fill: var(--inside); }
.fan { fill: var(--simulation); fill-opacity: 0.28; } .fan.wide { fill-opacity: 0.16; }
polygon.noise { fill: var(--noise); fill-opacity: 0.22; }
rect.column { fill: var(--simulation); fill-opacity: 0.75; } rect.missing { fill: var(--line); }
rect.band { fill: var(--history); fill-opacity: 0.25; }
svg.gauge { width: 130px; height: 16px; }
.legend { color: var(--soft); font-size: 12px; margin: 2px 0 0; }
.entry { margin-right: 10px; white-space: nowrap; }
header .entry { margin-right: 4px; }
.entry::before { content: ""; display: inline-block; width: 14px; height: 4px; border-radius: 2px; vertical-align: middle;
  margin-right: 5px; background: var(--soft); }
.entry.history::before { background: var(--history); } .entry.simulation::before { background: var(--simulation); }
.entry.noise::before { background: var(--noise); height: 10px; opacity: 0.4; } .entry.equal::before { height: 2px; }
details { border-top: 1px solid var(--line); padding: 8px 0; }
summary { cursor: pointer; font-size: 16px; font-weight: 600; padding: 6px 0; }
summary span { font-weight: 400; font-size: 13px; color: var(--soft); margin-left: 10px; }
footer { color: var(--soft); font-size: 13px; padding-top: 30px; padding-bottom: 40px; }
dt { font-weight: 600; margin-top: 8px; } dd { margin: 0; color: var(--soft); max-width: 90ch; }
@media print { details { break-inside: avoid; } figure { break-inside: avoid; } }
)css";

}  // namespace stack::realism
