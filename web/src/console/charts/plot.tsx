import 'uplot/dist/uPlot.min.css'
import './charts.css'
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import type { Chart } from './chart'
import { colours, onTheme } from './look'
import { columns, type Now, options } from './options'
import { Readout, spoken } from './readout'

interface Props {
  chart: Chart
  height: number
  /** How many seconds of the reader's own time to show, up to now. Without it places are days of UTC. */
  live?: number | undefined
  /** Given the plot while there is one, for who wants a picture of it. */
  hold?: (plot: uPlot | null) => void
}

/** Where the cursor stands: which place, and where that is in CSS pixels from the left and the top. */
export interface Cursor {
  place: number
  left: number
  top: number
}

/** What makes another plot, not other data in the same one. */
const form = ({ shape, series }: Chart) => [shape, ...series.map((one) => one.colour)].join()

function cursorOf(plot: uPlot): Cursor | null {
  const { idx, left = -1, top = -1 } = plot.cursor
  if (idx === null || idx === undefined || left < 0) return null
  const { left: before, top: above } = plot.bbox
  return { place: idx, left: left + before / devicePixelRatio, top: top + above / devicePixelRatio }
}

/** One plot that lives as long as its form does, follows the size of its place and the theme, and tells
 * `moved` where the cursor is. */
function usePlot({ chart, height, live, hold }: Props, moved: (cursor: Cursor | null) => void) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const now = useRef<Now | null>(null)
  useEffect(() => {
    const place = host.current
    if (!place) return
    const here: Now = { chart, least: live ?? 0, colours: colours(place) }
    const made = new uPlot(options(here, { width: place.clientWidth, height }, (one) => moved(cursorOf(one)), live === undefined),
      columns(chart), place)
    now.current = here
    plot.current = made
    hold?.(made)
    const size = new ResizeObserver(() => made.setSize({ width: place.clientWidth, height }))
    size.observe(place)
    const stop = onTheme(() => {
      here.colours = colours(place)
      made.redraw()
    })
    return () => {
      size.disconnect()
      stop()
      hold?.(null)
      made.destroy()
      plot.current = null
    }
  }, [form(chart), height, live])
  useEffect(() => {
    if (!plot.current || !now.current) return
    now.current.chart = chart
    plot.current.setData(columns(chart))
  }, [chart])
  return { host, plot }
}

const STEPS: Record<string, (place: number, last: number) => number> = {
  ArrowLeft: (place) => place - 1, ArrowUp: (place) => place - 1,
  ArrowRight: (place) => place + 1, ArrowDown: (place) => place + 1,
  PageUp: (place) => place - 7, PageDown: (place) => place + 7,
  Home: () => 0, End: (_, last) => last,
}

function point(plot: uPlot, place: number) {
  const along = plot.valToPos(plot.data[0][place] ?? 0, 'x')
  const sideways = plot.scales['x']?.ori === 1
  plot.setCursor(sideways ? { left: 0, top: along } : { left: along, top: 0 })
}

/** A chart to look at. With the focus on it arrows go from place to place, and what is there is read out. */
export function Plot(props: Props) {
  const { chart, height } = props
  const [cursor, move] = useState<Cursor | null>(null)
  const { host, plot } = usePlot(props, move)
  const last = chart.places.length - 1
  const place = Math.min(cursor?.place ?? last, last)
  function press(event: KeyboardEvent) {
    const step = STEPS[event.key]
    if (!plot.current) return
    if (event.key === 'Escape') plot.current.setCursor({ left: -10, top: -10 })
    if (!step) return
    event.preventDefault()
    const begins = !cursor && event.key.startsWith('Arrow') // where it stands without one
    point(plot.current, begins ? place : Math.max(0, Math.min(last, step(place, last))))
  }
  return (
    <div class="plot" style={{ height: `${height}px` }} tabIndex={0} role="slider" aria-label={chart.title}
      aria-valuemin={0} aria-valuemax={Math.max(last, 0)} aria-valuenow={Math.max(place, 0)}
      aria-valuetext={spoken(chart, place)} onKeyDown={press}
      onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}>
      <div ref={host} class="canvas" />
      {cursor && <Readout chart={chart} cursor={cursor} width={host.current?.clientWidth ?? 0} />}
    </div>
  )
}
