import type uPlot from 'uplot'
import type { Chart } from './chart'
import { colours } from './look'

const FAMILY = 'system-ui, sans-serif'

/** A picture of a plot as it is on the screen, with its title and legend above it. */
export function picture(plot: uPlot, chart: Chart): Promise<Blob> {
  const one = devicePixelRatio
  const found = colours(plot.root)
  const drawn = plot.ctx.canvas
  const margin = 16 * one
  const head = (chart.series.length > 1 ? 56 : 34) * one
  const canvas = document.createElement('canvas')
  canvas.width = drawn.width + 2 * margin
  canvas.height = drawn.height + head + 2 * margin
  const ctx = canvas.getContext('2d')
  if (!ctx) return Promise.reject(new Error('this browser has no canvas'))
  ctx.fillStyle = found.panel
  ctx.fillRect(0, 0, canvas.width, canvas.height)
  ctx.textBaseline = 'top'
  ctx.fillStyle = found.text
  ctx.font = `600 ${16 * one}px ${FAMILY}`
  ctx.fillText(chart.title, margin, margin)
  if (chart.series.length > 1) legend(ctx, chart, found, margin, margin + 28 * one)
  ctx.drawImage(drawn, margin, margin + head)
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('the picture could not be made'))), 'image/png'))
}

function legend(ctx: CanvasRenderingContext2D, chart: Chart, found: ReturnType<typeof colours>, left: number, top: number) {
  const one = devicePixelRatio
  let at = left
  ctx.font = `${13 * one}px ${FAMILY}`
  for (const series of chart.series) {
    ctx.fillStyle = found[series.colour]
    ctx.fillRect(at, top + 2 * one, 11 * one, 11 * one)
    ctx.fillStyle = found.text
    ctx.fillText(series.label, at + 17 * one, top)
    at += 33 * one + ctx.measureText(series.label).width
  }
}
