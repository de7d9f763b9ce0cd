import { NETWORKS } from '../../catalogue'
import { t } from '../../i18n'
import { Badge } from '../../ui/badge'
import type { Account } from './data'

function Switches({ rows, on, off }: { rows: [label: string, set: boolean][]; on: string; off: string }) {
  return (
    <dl class="dossier switches">
      {rows.map(([label, set]) => <div key={label}><dt>{label}</dt><dd><Badge tone={set ? 'good' : 'soft'} dot>{set ? on : off}</Badge></dd></div>)}
    </dl>
  )
}

function Chips({ items }: { items: string[] }) {
  if (!items.length) return <p class="soft">{t().preferences.noInterests}</p>
  return <ul class="row">{items.map((item) => <li key={item} class="badge">{item}</li>)}</ul>
}

/** What the user has chosen; it is theirs to change. */
export function Preferences({ account: { preferences, notifications } }: { account: Account }) {
  const words = t().preferences
  const privacy = (['profile_public', 'show_earnings', 'show_campaigns'] as const).map((name): [string, boolean] => [words[name], preferences[name]])
  return (
    <div class="overview">
      <div class="stack">
        <section class="panel">
          <div class="panel-head"><h2>{words.interests}</h2></div>
          <div class="panel-body"><Chips items={preferences.categories.map((one) => t().categories[one])} /></div>
        </section>
        <section class="panel">
          <div class="panel-head"><h2>{words.networks}</h2></div>
          <div class="panel-body"><Chips items={preferences.networks.map((one) => NETWORKS[one])} /></div>
        </section>
        <section class="panel">
          <div class="panel-head"><h2>{words.privacy}</h2></div>
          <Switches rows={privacy} on={words.shown} off={words.hidden} />
        </section>
      </div>
      <section class="panel">
        <div class="panel-head"><h2>{words.notifications}</h2></div>
        <Switches rows={notifications.map(({ code, status }) => [t().notify.codes[code], status])} on={words.on} off={words.off} />
      </section>
    </div>
  )
}
