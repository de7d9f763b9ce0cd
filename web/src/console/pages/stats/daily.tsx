/** What happened day by day. */
import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { type Answer, ask, type Path } from '../../api'
import { Asked } from '../../charts/asked'
import type { Chart, Series } from '../../charts/chart'
import { Figure } from '../../charts/figure'
import { t } from '../../i18n'
import { daysToAsk, placesOf, type Range, spans, sum } from './days'
import { Sum } from './sum'

const MINUTE = 60_000
/** With more days bars would be hairs. */
const MOST_BARS = 90

type Daily = Extract<Path, `/api/users/stats/${'signups' | 'active' | 'logins' | 'follows'}/`>

function useDays<P extends Daily>(path: P, range: Range) {
  const days = daysToAsk(range)
  return useQuery<Answer<P>>({
    queryKey: [path, days],
    queryFn: ({ signal }) => ask(path, { days } as never, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: MINUTE,
  })
}

function chartOf(title: string, days: { date: string }[], series: Series[], shape?: 'lines'): Chart {
  return { title, axis: t().charts.day, places: placesOf(days), series, shape: shape ?? (days.length > MOST_BARS ? 'lines' : 'bars') }
}

export function SignUps({ range }: { range: Range }) {
  const words = t().stats
  const query = useDays('/api/users/stats/signups/', range)
  return (
    <Asked title={words.signups} query={query}>{({ days }) => {
      const { now, before } = spans(days, range)
      const values = now.map(({ count }) => count)
      return (
        <Figure chart={chartOf(words.signups, now, [{ label: words.newAccounts, colour: 'chart-1', values }])}>
          <Sum now={sum(now, (one) => one.count)} before={before && sum(before, (one) => one.count)} range={range} unit={words.newAccounts} />
        </Figure>
      )
    }}</Asked>
  )
}

export function Active({ range }: { range: Range }) {
  const words = t().stats
  const query = useDays('/api/users/stats/active/', range)
  return (
    <Asked title={words.active} query={query}>{({ days }) => {
      const { now, before } = spans(days, range)
      const mean = (some: typeof days) => Math.round(sum(some, (one) => one.count) / some.length)
      const values = now.map(({ count }) => count)
      return (
        <Figure chart={chartOf(words.active, now, [{ label: words.activeAccounts, colour: 'chart-1', values }], 'lines')}>
          <Sum now={mean(now)} before={before && mean(before)} range={range} unit={words.perDay} />
        </Figure>
      )
    }}</Asked>
  )
}

export function Logins({ range }: { range: Range }) {
  const words = t().stats
  const query = useDays('/api/users/stats/logins/', range)
  return (
    <Asked title={words.logins} query={query}>{({ days }) => {
      const { now, before } = spans(days, range)
      return (
        <Figure chart={chartOf(words.logins, now, [
          { label: words.ok, colour: 'chart-1', values: now.map(({ ok }) => ok) },
          { label: words.failed, colour: 'chart-bad', values: now.map(({ failed }) => failed) },
        ])}>
          <Sum now={sum(now, (one) => one.failed)} before={before && sum(before, (one) => one.failed)} range={range} unit={words.failedOnes} />
        </Figure>
      )
    }}</Asked>
  )
}

export function Follows({ range }: { range: Range }) {
  const words = t().stats
  const query = useDays('/api/users/stats/follows/', range)
  return (
    <Asked title={words.follows} query={query}>{({ days }) => {
      const { now, before } = spans(days, range)
      return (
        <Figure chart={chartOf(words.follows, now, [
          { label: words.followed, colour: 'chart-1', values: now.map(({ followed }) => followed) },
          { label: words.unfollowed, colour: 'chart-2', values: now.map(({ unfollowed }) => unfollowed) },
        ])}>
          <Sum now={sum(now, (one) => one.followed)} before={before && sum(before, (one) => one.followed)} range={range} unit={words.newFollows} />
        </Figure>
      )
    }}</Asked>
  )
}
