import { t } from '../../i18n'
import { Page } from '../../ui/page'

export function UsersPage() {
  return <Page title={t().users.title}>{null}</Page>
}
