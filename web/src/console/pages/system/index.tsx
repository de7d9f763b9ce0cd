import { t } from '../../i18n'
import { Page } from '../../ui/page'

export function SystemPage() {
  return <Page title={t().system.title}>{null}</Page>
}
