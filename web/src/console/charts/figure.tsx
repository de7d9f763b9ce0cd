import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import type uPlot from 'uplot'
import { t } from '../i18n'
import { toastProblem } from '../ui/toast'
import { cells, type Chart, isEmpty } from './chart'
import { csv } from './csv'
import { picture } from './picture'
import { Plot } from './plot'
import { Swatch } from './readout'
import { fileName, save, saveText } from './save'
import { Table } from './table'

interface FrameProps {
  title: string
  tools?: ComponentChildren
  children: ComponentChildren
}

/** What is around a chart, whether it is there yet or not. */
export function Frame({ title, tools, children }: FrameProps) {
  const id = useId()
  return (
    <figure class="chart panel" aria-labelledby={id}>
      <figcaption><h3 id={id}>{title}</h3>{tools}</figcaption>
      {children}
    </figure>
  )
}

interface ToolsProps {
  chart: Chart
  plot: () => uPlot | null
  asTable: boolean
  setTable: (on: boolean) => void
}

function Tools({ chart, plot, asTable, setTable }: ToolsProps) {
  const words = t().charts
  const name = (tool: string) => `${tool}: ${chart.title}`
  const saveRows = () => saveText(fileName(chart.title, 'csv'), 'text/csv', csv(cells(chart, words.share)))
  const savePicture = async () => {
    const drawn = plot()
    if (drawn) save(fileName(chart.title, 'png'), await picture(drawn, chart))
  }
  return (
    <div class="tools">
      <button type="button" aria-pressed={asTable} aria-label={name(words.table)} onClick={() => setTable(!asTable)}>{words.table}</button>
      <button type="button" aria-label={name('CSV')} onClick={saveRows}>CSV</button>
      <button type="button" aria-label={name('PNG')} disabled={asTable || isEmpty(chart)}
        onClick={() => void savePicture().catch(toastProblem)}>PNG</button>
    </div>
  )
}

function Legend({ chart }: { chart: Chart }) {
  return <ul class="legend">{chart.series.map((one) => <li><Swatch series={one} /> {one.label}</li>)}</ul>
}

interface FigureProps {
  chart: Chart
  height?: number
  /** How many seconds of the reader's own time to show, up to now. Without it places are days of UTC. */
  live?: number
  /** What to say instead of a chart of nothing. */
  whenEmpty?: string
  children?: ComponentChildren
}

/** A chart with its name, what stands above it, the same as a table, and both to take away. */
export function Figure({ chart, height = 220, live, whenEmpty, children }: FigureProps) {
  const [asTable, setTable] = useState(false)
  const plot = useRef<uPlot | null>(null)
  const tools = <Tools chart={chart} plot={() => plot.current} asTable={asTable} setTable={setTable} />
  return (
    <Frame title={chart.title} tools={tools}>
      {children}
      {chart.series.length > 1 && !asTable && <Legend chart={chart} />}
      {asTable
        ? <Table chart={chart} height={height} />
        : isEmpty(chart)
          ? <p class="nothing" style={{ height: `${height}px` }}>{whenEmpty ?? t().charts.empty}</p>
          : <Plot chart={chart} height={height} live={live} hold={(one) => (plot.current = one)} />}
    </Frame>
  )
}
