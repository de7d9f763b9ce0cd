import { ArrowLeft } from '../../ui/icons'
import { Link, useLocation } from 'wouter-preact'
import { t } from '../../i18n'
import { nameOf } from '../../people'
import { Problem } from '../../problem'
import { useParams } from '../../ui/address'
import { useShortcuts } from '../../ui/keys'
import { Page } from '../../ui/page'
import { Skeleton } from '../../ui/skeleton'
import { Trouble } from '../../ui/trouble'
import { keepOpened, listAddress } from '../users/last'
import { Activity } from './activity'
import { type Account, useAccount } from './data'
import { Follows } from './follows'
import { Header } from './header'
import { Inbox } from './inbox'
import { Overview } from './overview'
import { Preferences } from './preferences'
import { Sessions } from './sessions'
import { type Tab, tabOf, Tabs } from './tabs'
import { Walls } from './walls'
import './user.css'

function Part({ tab, account }: { tab: Tab; account: Account }) {
  switch (tab) {
    case 'overview': return <Overview account={account} />
    case 'sessions': return <Sessions account={account} />
    case 'activity': return <Activity account={account} />
    case 'preferences': return <Preferences account={account} />
    case 'followers': return <Follows key={tab} account={account} which={tab} />
    case 'following': return <Follows key={tab} account={account} which={tab} />
    case 'notifications': return <Inbox account={account} />
    case 'walls': return <Walls account={account} />
  }
}

function Back() {
  const [, navigate] = useLocation()
  const address = listAddress()
  useShortcuts([{ keys: 'u', label: t().user.keys.back, run: () => navigate(address) }])
  return <Link href={address} class="back"><ArrowLeft /> {t().user.back}</Link>
}

export function UserPage({ id }: { id: number }) {
  const account = useAccount(id)
  keepOpened(id)
  const [params] = useParams()
  const tab = tabOf(params['tab'])
  // An account that is shown stays until it is known to be gone.
  const gone = account.error instanceof Problem && account.error.status === 404
  if (!account.data || gone)
    return (
      <Page title={t().user.title} before={<Back />}>
        {account.isError ? <Trouble problem={account.error} retry={() => void account.refetch()} /> : <div class="panel panel-body"><Skeleton lines={8} /></div>}
      </Page>
    )
  return (
    <Page title={nameOf(account.data)} before={<Back />} head={<Header account={account.data} />}>
      <Tabs account={account.data} here={tab} />
      <Part tab={tab} account={account.data} />
    </Page>
  )
}
