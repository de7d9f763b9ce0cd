import './charts.css'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { language } from '../i18n'
import type { Chart } from './chart'
import { draw, FONT } from './draw'
import { type Layout, layout, nearest } from './layout'
import { colours, onTheme } from './look'
import { Readout, spoken } from './readout'

interface PlotProps {
  chart: Chart
  height: number
  /** How many seconds of the reader's own time to show, up to now. Without it places are days of UTC. */
  live?: number | undefined
}

/** How wide a text of a chart is. */
export function measure(): (text: string) => number {
  const ctx = document.createElement('canvas').getContext('2d')
  if (ctx) ctx.font = FONT
  return (text) => ctx?.measureText(text).width ?? 0
}

/** The width of an element, as it is and as it becomes. */
function useWidth() {
  const host = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const place = host.current
    if (!place) return undefined
    setWidth(place.clientWidth)
    const size = new ResizeObserver(() => setWidth(place.clientWidth))
    size.observe(place)
    return () => size.disconnect()
  }, [])
  return { host, width }
}

/** Draws whenever what is drawn, its size, the theme or the density of the screen changes. */
function useDrawing(made: Layout, { chart, height }: PlotProps, width: number, place: number) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const paint = useRef<() => void>(() => {})
  paint.current = () => {
    const ctx = canvas.current?.getContext('2d')
    if (!canvas.current || !ctx || width <= 0) return
    canvas.current.width = Math.round(width * devicePixelRatio)
    canvas.current.height = Math.round(height * devicePixelRatio)
    ctx.scale(devicePixelRatio, devicePixelRatio)
    draw(ctx, made, chart, colours(canvas.current), place)
  }
  useLayoutEffect(() => paint.current(), [made, place])
  useEffect(() => {
    const again = () => paint.current()
    const stop = onTheme(again)
    addEventListener('resize', again) // a page that is zoomed has other pixels
    return () => {
      stop()
      removeEventListener('resize', again)
    }
  }, [])
  return canvas
}

const STEPS: Record<string, (place: number, last: number) => number> = {
  ArrowLeft: (place) => place - 1, ArrowUp: (place) => place - 1,
  ArrowRight: (place) => place + 1, ArrowDown: (place) => place + 1,
  PageUp: (place) => place - 7, PageDown: (place) => place + 7,
  Home: () => 0, End: (_, last) => last,
}

/** A chart to look at. With the focus on it arrows go from place to place, and what is there is read out. */
export function Plot(props: PlotProps) {
  const { chart, height, live } = props
  const [place, setPlace] = useState(-1)
  const { host, width } = useWidth()
  const made = useMemo(() => layout(chart, { width, height, least: live, measure: measure() }), [chart, width, height, live, language.value])
  const last = chart.places.length - 1
  const here = Math.min(place, last)
  const canvas = useDrawing(made, props, width, here)
  const stands = here < 0 ? last : here
  function press(event: KeyboardEvent) {
    const step = STEPS[event.key]
    if (event.key === 'Escape') setPlace(-1)
    if (!step) return
    event.preventDefault()
    const begins = here < 0 && event.key.startsWith('Arrow') // where it stands without a cursor
    setPlace(begins ? stands : Math.max(0, Math.min(last, step(stands, last))))
  }
  return (
    <div ref={host} class="plot" style={{ height: `${height}px` }} tabIndex={0} role="slider" aria-label={chart.title}
      aria-valuemin={0} aria-valuemax={Math.max(last, 0)} aria-valuenow={Math.max(stands, 0)}
      aria-valuetext={spoken(chart, stands)} onKeyDown={press} onBlur={() => setPlace(-1)}
      onPointerMove={(event) => setPlace(nearest(made, event.offsetX, event.offsetY))} onPointerLeave={() => setPlace(-1)}>
      <canvas ref={canvas} />
      {here >= 0 && <Readout chart={chart} made={made} place={here} width={width} />}
    </div>
  )
}
