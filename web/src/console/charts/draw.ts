/** Puts a layout on a canvas. */
import type { Chart } from './chart'
import type { Layout } from './layout'
import type { ColourName, Colours } from './look'

export const FONT = '12px system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif'
const CORNER = 3
const DOT = 4

type Canvas = CanvasRenderingContext2D

/** What a line of one pixel has to stand on to be sharp. */
const sharp = (at: number) => Math.round(at) + 0.5

function grid(ctx: Canvas, { box, values }: Layout, colours: Colours) {
  ctx.strokeStyle = colours.grid
  ctx.fillStyle = colours.soft
  ctx.textAlign = 'right'
  ctx.textBaseline = 'middle'
  for (const { at, text } of values) {
    ctx.beginPath()
    ctx.moveTo(box.left, sharp(at))
    ctx.lineTo(box.left + box.width, sharp(at))
    ctx.stroke()
    ctx.fillText(text, box.left - 8, at)
  }
}

function names(ctx: Canvas, { box, places, lying, numbers }: Layout, colours: Colours) {
  ctx.fillStyle = lying ? colours.text : colours.soft
  ctx.textBaseline = lying ? 'middle' : 'top'
  ctx.textAlign = lying ? 'right' : 'center'
  const right = box.left + box.width
  for (const { at, text } of places) {
    if (lying) {
      ctx.fillText(text, box.left - 8, at)
      continue
    }
    const half = ctx.measureText(text).width / 2
    ctx.fillText(text, Math.min(Math.max(at, half), right + 8 - half), box.top + box.height + 10)
  }
  ctx.textAlign = 'left'
  for (const { at, left, text } of numbers) ctx.fillText(text, left, at)
}

function bars(ctx: Canvas, { bars, lying }: Layout, colour: (series: number) => string) {
  for (const { series, left, top, width, height, ends } of bars) {
    const corner = ends ? Math.min(CORNER, width / 2, height / 2) : 0
    ctx.fillStyle = colour(series)
    ctx.beginPath()
    ctx.roundRect(left, top, width, height, lying ? [0, corner, corner, 0] : [corner, corner, 0, 0])
    ctx.fill()
  }
}

function lines(ctx: Canvas, { lines, box }: Layout, chart: Chart, colours: Colours) {
  for (const { series, points } of [...lines].reverse()) {
    const name = chart.series[series]?.colour ?? 'chart-1'
    const path = new Path2D()
    for (const { x, y } of points) path.lineTo(x, y)
    ctx.strokeStyle = colours[name]
    ctx.lineWidth = 2
    ctx.lineJoin = 'round'
    ctx.stroke(path)
    if (lines.length > 1) continue
    path.lineTo(points.at(-1)?.x ?? 0, box.top + box.height)
    path.lineTo(points[0]?.x ?? 0, box.top + box.height)
    ctx.fillStyle = colours[`${name}-tint` as ColourName]
    ctx.fill(path)
  }
}

/** What the cursor stands at: a rule, and a dot on each line. */
function pointed(ctx: Canvas, { box, along, lying, lines }: Layout, place: number, chart: Chart, colours: Colours) {
  const at = along[place]
  if (at === undefined || lying) return
  ctx.strokeStyle = colours.soft
  ctx.lineWidth = 1
  ctx.beginPath()
  ctx.moveTo(sharp(at), box.top)
  ctx.lineTo(sharp(at), box.top + box.height)
  ctx.stroke()
  for (const { series, points } of lines) {
    ctx.fillStyle = colours[chart.series[series]?.colour ?? 'chart-1']
    ctx.beginPath()
    ctx.arc(at, points[place]?.y ?? 0, DOT, 0, 2 * Math.PI)
    ctx.fill()
  }
}

export function draw(ctx: Canvas, made: Layout, chart: Chart, colours: Colours, place = -1) {
  ctx.font = FONT
  ctx.lineWidth = 1
  grid(ctx, made, colours)
  names(ctx, made, colours)
  bars(ctx, made, (series) => colours[chart.series[series]?.colour ?? 'chart-1'])
  lines(ctx, made, chart, colours)
  pointed(ctx, made, place, chart, colours)
}
