import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { csv, download, downloadCsv } from '../csv'
import { t } from '../i18n'
import { toastProblem } from '../ui/toast'
import { cells, type Chart, isEmpty } from './chart'
import { fileName } from './name'
import { picture } from './picture'
import { Plot } from './plot'
import { Swatch } from './readout'
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
  height: number
  asTable: boolean
  setTable: (on: boolean) => void
}

function Tools({ chart, height, asTable, setTable }: ToolsProps) {
  const words = t().charts
  const name = (tool: string) => `${tool}: ${chart.title}`
  const saveRows = () => {
    const { head, rows } = cells(chart, words.share)
    downloadCsv(fileName(chart.title, 'csv'), csv(head, rows))
  }
  const savePicture = async (event: Event) => {
    const { currentTarget: host } = event
    if (host instanceof Element) download(fileName(chart.title, 'png'), await picture(chart, height, host))
  }
  return (
    <div class="tools">
      <button type="button" aria-pressed={asTable} aria-label={name(words.table)} onClick={() => setTable(!asTable)}>{words.table}</button>
      <button type="button" aria-label={name('CSV')} onClick={saveRows}>CSV</button>
      <button type="button" aria-label={name('PNG')} disabled={isEmpty(chart)}
        onClick={(event) => void savePicture(event).catch(toastProblem)}>PNG</button>
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
  const tools = <Tools chart={chart} height={height} asTable={asTable} setTable={setTable} />
  return (
    <Frame title={chart.title} tools={tools}>
      {children}
      {chart.series.length > 1 && !asTable && <Legend chart={chart} />}
      {asTable
        ? <Table chart={chart} height={height} />
        : isEmpty(chart)
          ? <p class="nothing" style={{ height: `${height}px` }}>{whenEmpty ?? t().charts.empty}</p>
          : <Plot chart={chart} height={height} live={live} />}
    </Frame>
  )
}
