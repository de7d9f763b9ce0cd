import './stats.css'
import { t } from '../../i18n'
import { number } from '../../i18n/format'
import { useParams } from '../../ui/address'
import { Page } from '../../ui/page'
import { Segments } from '../../ui/segments'
import { Active, Follows, Logins, SignUps } from './daily'
import { rangeOf, RANGES } from './days'
import { People } from './people'

export function StatsPage() {
  const words = t().stats
  const [params, change] = useParams()
  const range = rangeOf(params['days'])
  const ranges = RANGES.map((days) => ({ value: days, label: words.days(number(days)) }))
  return (
    <Page title={words.title}>
      <section class="charts" aria-labelledby="activity">
        <div class="charts-head">
          <h2 id="activity">{words.activity}</h2>
          <p class="hint">{words.activityHint}</p>
          <Segments label={words.range} options={ranges} value={range}
            onChoose={(days) => change({ days: String(days) }, { step: true })} />
        </div>
        <div class="charts-grid">
          <SignUps range={range} />
          <Active range={range} />
          <Logins range={range} />
          <Follows range={range} />
        </div>
      </section>
      <section class="charts" aria-labelledby="people">
        <div class="charts-head">
          <h2 id="people">{words.people}</h2>
          <p class="hint">{words.peopleHint}</p>
        </div>
        <div class="charts-grid narrow"><People /></div>
      </section>
    </Page>
  )
}
