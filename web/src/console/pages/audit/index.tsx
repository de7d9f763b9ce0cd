import { t } from '../../i18n'
import { Page } from '../../ui/page'

export function AuditPage() {
  return <Page title={t().audit.title}>{null}</Page>
}
