import { useEffect, useState } from 'preact/hooks'
import type { Chart } from '../../charts/chart'
import { Figure } from '../../charts/figure'
import { clock } from '../../charts/words'
import { t } from '../../i18n'
import { number } from '../../i18n/format'
import { type Sample, WINDOW, withSample } from './history'

function chartOf(history: Sample[]): Chart {
  const words = t().system
  return {
    title: words.rate, axis: words.rateAxis, shape: 'lines',
    places: history.map(({ at }) => ({ at, name: clock(at), key: new Date(at * 1000).toISOString() })),
    series: [{ label: words.rate, colour: 'chart-1', values: history.map(({ value }) => value) }],
  }
}

/** The rate of requests since the page was opened. */
export function Rate({ now, asked }: { now: number; asked: number }) {
  const words = t().system
  const [history, setHistory] = useState<Sample[]>([])
  useEffect(() => {
    setHistory((before) => withSample(before, { at: Math.round(asked / 1000), value: now }))
  }, [asked])
  return (
    <Figure chart={chartOf(history)} height={180} live={WINDOW} whenEmpty={words.quiet}>
      <p class="sum"><strong>{number(now)}</strong> {words.rateHint}</p>
    </Figure>
  )
}
