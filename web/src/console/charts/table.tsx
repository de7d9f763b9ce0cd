import { t } from '../i18n'
import { type Chart, rows } from './chart'
import { number, wholePercent } from './words'

interface Props {
  chart: Chart
  height: number
}

/** What a chart shows, to read. It scrolls, so it takes the focus. */
export function Table({ chart, height }: Props) {
  const withShare = chart.shape === 'shares'
  return (
    <div class="chart-table" style={{ maxHeight: `${height}px` }} tabIndex={0} role="group" aria-label={chart.title}>
      <table>
        <thead>
          <tr>
            <th scope="col">{chart.axis}</th>
            {chart.series.map((one) => <th scope="col" class="number">{one.label}</th>)}
            {withShare && <th scope="col" class="number">{t().charts.share}</th>}
          </tr>
        </thead>
        <tbody>
          {rows(chart).map((row) => (
            <tr key={row.place.key}>
              <th scope="row">{row.place.name}</th>
              {row.values.map((value) => <td class="number">{number(value)}</td>)}
              {withShare && <td class="number">{wholePercent(row.percent ?? 0)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
