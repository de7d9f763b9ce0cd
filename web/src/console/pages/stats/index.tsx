import './stats.css'
import { t } from '../../i18n'
import { Page } from '../../ui/page'
import { People } from './people'

export function StatsPage() {
  const words = t().stats
  return (
    <Page title={words.title}>
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
