import type { Chart, Series } from './chart'
import type { Layout } from './layout'
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
  made: Layout
  place: number
  width: number
}

/** What is at the cursor, beside it, on the side where there is room. */
export function Readout({ chart, made: { along, lying, box }, place, width }: Props) {
  const at = lying ? box.left + box.width / 2 : along[place] ?? 0
  const style = at > width / 2 ? { right: `${width - at + 12}px` } : { left: `${at + 12}px` }
  if (lying) Object.assign(style, { top: `${along[place] ?? 0}px` })
  return (
    <div class="readout" style={style} aria-hidden="true">
      <strong>{chart.places[place]?.name}</strong>
      {chart.series.map((one) => (
        <div><Swatch series={one} /> {one.label} <b>{valueOf(chart, one, place)}</b></div>
      ))}
    </div>
  )
}
