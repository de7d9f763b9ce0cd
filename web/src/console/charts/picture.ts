import type { Chart } from './chart'
import { draw, FONT } from './draw'
import { layout } from './layout'
import { colours } from './look'
import { measure } from './plot'

const WIDTH = 900
const MARGIN = 24
/** Drawn twice as fine as it is measured, to stand enlargement. */
const FINE = 2

function legend(ctx: CanvasRenderingContext2D, chart: Chart, found: ReturnType<typeof colours>) {
  let at = MARGIN
  for (const { label, colour } of chart.series) {
    ctx.fillStyle = found[colour]
    ctx.fillRect(at, MARGIN + 31, 10, 10)
    ctx.fillStyle = found.text
    ctx.fillText(label, at + 16, MARGIN + 30)
    at += 36 + ctx.measureText(label).width
  }
}

/** A picture of a chart, `height` high without its title and legend, in the colours of where `host` stands. */
export function picture(chart: Chart, height: number, host: Element): Promise<Blob> {
  const found = colours(host)
  const head = chart.series.length > 1 ? 60 : 36
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH * FINE
  canvas.height = (height + head + 2 * MARGIN) * FINE
  const ctx = canvas.getContext('2d')
  if (!ctx) return Promise.reject(new Error('this browser has no canvas'))
  ctx.scale(FINE, FINE)
  ctx.fillStyle = found.panel
  ctx.fillRect(0, 0, canvas.width, canvas.height)
  ctx.fillStyle = found.text
  ctx.textBaseline = 'top'
  ctx.font = FONT.replace('12px', '600 17px')
  ctx.fillText(chart.title, MARGIN, MARGIN)
  ctx.font = FONT
  if (chart.series.length > 1) legend(ctx, chart, found)
  ctx.translate(MARGIN, MARGIN + head)
  draw(ctx, layout(chart, { width: WIDTH - 2 * MARGIN, height, measure: measure() }), chart, found)
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('the picture could not be made'))), 'image/png'))
}
