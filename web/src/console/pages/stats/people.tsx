/** Who the people are: counts of active accounts, each with its part of the whole. */
import { useQuery } from '@tanstack/preact-query'
import { ask } from '../../api'
import { Asked } from '../../charts/asked'
import { type Chart, total } from '../../charts/chart'
import { Figure } from '../../charts/figure'
import { t } from '../../i18n'
import { number } from '../../i18n/format'

const ROW = 40

interface Props {
  title: string
  /** What the groups are: "Age". */
  axis: string
  unit: string
  path: '/api/users/stats/sex/' | '/api/users/stats/age/' | '/api/users/stats/preferences/'
  /** How a group is called that the server calls by `key`. */
  name: (key: string) => string
}

function chartOf({ title, axis, unit, name }: Props, counts: Record<string, number>): Chart {
  return {
    title, axis, shape: 'shares',
    places: Object.keys(counts).map((key, at) => ({ at, key, name: name(key) })),
    series: [{ label: unit, colour: 'chart-1', values: Object.values(counts) }],
  }
}

function Groups(props: Props) {
  const { path, title, unit } = props
  const query = useQuery<Record<string, number>>({
    queryKey: [path],
    queryFn: async ({ signal }) => ({ ...(await ask(path, {}, { signal })) }),
    refetchInterval: 60_000,
  })
  return (
    <Asked title={title} query={query}>{(counts) => {
      const chart = chartOf(props, counts)
      return (
        <Figure chart={chart} height={chart.places.length * ROW}>
          {chart.series.map((series) => <p class="sum"><strong>{number(total(series))}</strong> {unit}</p>)}
        </Figure>
      )
    }}</Asked>
  )
}

export function People() {
  const words = t().stats
  const named = (names: Record<string, string>) => (key: string) => names[key] ?? key
  return (
    <>
      <Groups path="/api/users/stats/sex/" title={words.sex} axis={words.sex} unit={words.accounts} name={named(words.sexes)} />
      <Groups path="/api/users/stats/age/" title={words.age} axis={words.age} unit={words.accounts} name={(key) => key.replace('-', '–')} />
      <Groups path="/api/users/stats/preferences/" title={words.preferences} axis={words.preference} unit={words.choices} name={named(words.categories)} />
    </>
  )
}
