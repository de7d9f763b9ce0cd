import { t } from '../../i18n'
import { Page } from '../../ui/page'

export function StatsPage() {
  return <Page title={t().stats.title}>{null}</Page>
}
