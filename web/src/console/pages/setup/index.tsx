import { t } from '../../i18n'
import { Door } from '../../shell/door'

export function SetupPage() {
  return <Door title={t().setup.noToken}><p>{t().setup.noTokenHint}</p></Door>
}
