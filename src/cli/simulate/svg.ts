import { escapeHtml } from "../../http/pages/escape-html.ts";

/** Where a text of a drawing stands, and how it looks. */
export interface TextPlace {
  readonly x: number;
  readonly y: number;
  readonly style?: string;
}

/** A line of text. */
export function svgText(text: string, { x, y, style = "" }: TextPlace): string {
  return `<text x="${round(x)}" y="${round(y)}"${classOf(style)}>${escapeHtml(text)}</text>`;
}

/** A straight line. */
export function svgLine(
  from: readonly [number, number],
  to: readonly [number, number],
  style: string,
): string {
  const [[x1, y1], [x2, y2]] = [from, to];
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"${classOf(style)}/>`;
}

/** A box. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A filled rectangle. */
export function svgRect({ x, y, width, height }: Box, style: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"${classOf(style)}/>`;
}

/** A number with as many digits as a pixel needs. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A whole drawing, which follows the reader's choice of a light or a dark screen. */
export function svgDocument(
  title: string,
  size: readonly [width: number, height: number],
  parts: readonly string[],
): string {
  const [width, height] = size;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escapeHtml(title)}</title>
<style>${styles}</style>
<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10"/>
${parts.join("\n")}
</svg>
`;
}

function classOf(style: string): string {
  return style === "" ? "" : ` class="${style}"`;
}

const light =
  "--page:#fff;--edge:#d8dee4;--ink:#1f2328;--soft:#656d76;--grid:#e6eaef;--fill:#a9cdf5;--main:#1769c9;--bar:#5b9be6;--flaw:#d9730d;--best:#14713a;--bad:#c0291c";
const dark =
  "--page:#0f141b;--edge:#2c343e;--ink:#e6edf3;--soft:#98a3af;--grid:#222a34;--fill:#1d4674;--main:#6cb2ff;--bar:#3f7fc9;--flaw:#f59a42;--best:#5fd08a;--bad:#ff8078";

const styles = `
svg{${light}}
@media (prefers-color-scheme:dark){svg{${dark}}}
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--ink)}
.page{fill:var(--page);stroke:var(--edge)}
.title{font-size:17px;font-weight:600}
.soft{fill:var(--soft);font-size:12px}
.name{font-weight:600}
.end{text-anchor:end}
.mid{text-anchor:middle}
.num{text-anchor:end;font-variant-numeric:tabular-nums}
.best{fill:var(--best);font-weight:700}
.bad{fill:var(--bad)}
.grid{stroke:var(--grid)}
.base{stroke:var(--edge)}
.fair{stroke:var(--soft);stroke-dasharray:3 3}
.hill{fill:var(--fill)}
.thin{stroke:var(--main);stroke-width:1.5}
.thick{stroke:var(--main);stroke-width:5}
.dot{fill:var(--page);stroke:var(--main);stroke-width:2.5}
.bar{fill:var(--bar)}
.flawed{fill:var(--flaw)}
`;
