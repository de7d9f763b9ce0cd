import uPlot from 'uplot'
import { ceiling, type Chart, rows, stacked } from './chart'
import type { ColourName, Colours } from './look'
import { compact, number, tick, wholePercent } from './words'

const FONT = '12px system-ui, sans-serif'
const SCALED = () => `${12 * devicePixelRatio}px system-ui, sans-serif`
const bars = uPlot.paths.bars!({ size: [0.72, 56], radius: [0.12, 0] })
const lines = uPlot.paths.linear!()
const DAY = 86_400
const STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((one) => one * 10 ** power)).flat()
/** Right of the longest of the bars side by side, for its number. */
const ROOM = 104

/** What options ask when they are asked: the chart and the colours as they are then. */
export interface Now {
  chart: Chart
  /** How many seconds the axis of time has at the least. */
  least: number
  colours: Colours
}

/** The columns that are drawn, the last stack's first, so that those below are drawn over it. */
export function columns(chart: Chart): uPlot.AlignedData {
  const values = chart.shape === 'bars' ? stacked(chart.series) : chart.series.map((one) => one.values)
  return [chart.places.map(({ at }) => at), ...values.reverse()]
}

/** How wide the widest of these is on an axis, in CSS pixels. */
function widest({ ctx }: uPlot, texts: readonly string[]): number {
  ctx.save()
  ctx.font = SCALED()
  const widths = texts.map((text) => ctx.measureText(text).width)
  ctx.restore()
  return Math.ceil(Math.max(...widths, 0) / devicePixelRatio)
}

function valueAxis(now: Now): uPlot.Axis {
  return {
    scale: 'y', side: 3, font: FONT, gap: 8, space: 30, incrs: STEPS, ticks: { show: false },
    stroke: () => now.colours.soft,
    grid: { stroke: () => now.colours.grid, width: 1 },
    values: (_, marks) => marks.map(compact),
    size: (plot, values) => widest(plot, values ?? []) + 12,
  }
}

function timeAxis(now: Now): uPlot.Axis {
  return {
    scale: 'x', font: FONT, size: 28, gap: 8, space: 64, ticks: { show: false }, grid: { show: false },
    stroke: () => now.colours.soft,
    values: (_, marks, _axis, _space, step) => marks.map((mark) => tick(mark, step)),
  }
}

function series(now: Now): uPlot.Series[] {
  const { chart } = now
  return [...chart.series].reverse().map((one) => {
    const colour = () => now.colours[one.colour]
    if (chart.shape !== 'lines') return { label: one.label, fill: colour, width: 0, paths: bars, points: { show: false } }
    const tint = `${one.colour}-tint` as ColourName
    return {
      label: one.label, stroke: colour, width: 2, paths: lines, points: { show: false },
      ...(chart.series.length === 1 ? { fill: () => now.colours[tint] } : {}),
    }
  })
}

const fromZero = (_: uPlot, _min: number | null, max: number | null): [number, number] => [0, ceiling(max ?? 0)]

function overTime(now: Now, utc: boolean): Partial<uPlot.Options> {
  const margin = now.chart.shape === 'bars' ? DAY / 2 : 0
  return {
    padding: [12, 12, 0, 0],
    scales: { x: { time: true, range: (_, min, max) => [Math.min(min, max - now.least) - margin, max + margin] }, y: { range: fromZero } },
    axes: [timeAxis(now), valueAxis(now)],
    ...(utc ? { tzDate: (at: number) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC') } : {}),
  }
}

/** Numbers and percentages behind the bars that lie on their sides. */
function numbers(plot: uPlot, now: Now) {
  const { ctx } = plot
  ctx.save()
  ctx.font = SCALED()
  ctx.fillStyle = now.colours.text
  ctx.textAlign = 'left'
  ctx.textBaseline = 'middle'
  for (const { place, values, percent } of rows(now.chart)) {
    const value = values[0] ?? 0
    const text = `${number(value)} · ${wholePercent(percent ?? 0)}`
    ctx.fillText(text, plot.valToPos(value, 'y', true) + 8 * devicePixelRatio, plot.valToPos(place.at, 'x', true))
  }
  ctx.restore()
}

function sideBySide(now: Now): Partial<uPlot.Options> {
  const last = now.chart.places.length - 1
  return {
    padding: [4, ROOM, 4, 0],
    scales: {
      x: { time: false, ori: 1, dir: -1, range: [-0.5, last + 0.5] },
      y: { ori: 0, range: (_, _min, max) => [0, Math.max(max ?? 0, 1)] },
    },
    axes: [
      {
        scale: 'x', side: 3, font: FONT, gap: 8, ticks: { show: false }, grid: { show: false },
        stroke: () => now.colours.text,
        splits: () => now.chart.places.map(({ at }) => at),
        values: () => now.chart.places.map(({ name }) => name),
        size: (plot) => widest(plot, now.chart.places.map(({ name }) => name)) + 12,
      },
      { scale: 'y', side: 2, show: false },
    ],
    hooks: { draw: [(plot) => numbers(plot, now)] },
  }
}

/** Options of a plot that asks `now` what to draw. Days are days of UTC; what is live has local time. */
export function options(now: Now, size: { width: number; height: number }, moved: (plot: uPlot) => void, utc: boolean): uPlot.Options {
  const shape = now.chart.shape === 'shares' ? sideBySide(now) : overTime(now, utc)
  return {
    ...size, ...shape,
    legend: { show: false },
    cursor: { y: false, x: now.chart.shape !== 'shares', drag: { x: false, y: false, setScale: false },
      points: { show: now.chart.shape === 'lines', size: 8 } },
    series: [{}, ...series(now)],
    hooks: { ...shape.hooks, setCursor: [moved] },
  } as uPlot.Options
}
