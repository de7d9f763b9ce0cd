import { t } from '../../i18n'
import { Page } from '../../ui/page'

export function UserPage({ id }: { id: number }) {
  return <Page title={`${t().user.title} ${id}`}>{null}</Page>
}
