import type { Chart, Series } from './chart'
import type { Cursor } from './plot'
import { shares } from './share'
import { number, wholePercent } from './words'

function valueOf(chart: Chart, series: Series, place: number): string {
  const value = number(series.values[place] ?? 0)
  return chart.shape === 'shares' ? `${value} · ${wholePercent(shares(series.values)[place] ?? 0)}` : value
}

/** What is at a place, in one line. */
export function spoken(chart: Chart, place: number): string {
  const name = chart.places[place]?.name
  if (name === undefined) return ''
  const values = chart.series.map((one) => `${one.label} ${valueOf(chart, one, place)}`)
  return `${name}: ${values.join(', ')}`
}

export function Swatch({ series }: { series: Series }) {
  return <span class={`swatch ${series.colour}`} aria-hidden="true" />
}

interface Props {
  chart: Chart
  cursor: Cursor
  width: number
}

/** What is under the cursor, beside it, on the side where there is room. */
export function Readout({ chart, cursor, width }: Props) {
  const name = chart.places[cursor.place]?.name
  if (name === undefined) return null
  const right = cursor.left > width / 2
  const style = right ? { right: `${width - cursor.left + 12}px` } : { left: `${cursor.left + 12}px` }
  return (
    <div class="readout" style={style} aria-hidden="true">
      <strong>{name}</strong>
      {chart.series.map((one) => (
        <div><Swatch series={one} /> {one.label} <b>{valueOf(chart, one, cursor.place)}</b></div>
      ))}
    </div>
  )
}
