import { QueryClientProvider } from '@tanstack/preact-query'
import { useEffect } from 'preact/hooks'
import { Route, Router, Switch, useLocation } from 'wouter-preact'
import { t } from './i18n'
import { AuditPage } from './pages/audit'
import { SetupPage } from './pages/setup'
import { StatsPage } from './pages/stats'
import { SystemPage } from './pages/system'
import { UserPage } from './pages/user'
import { UsersPage } from './pages/users'
import { queries } from './query'
import { refresh, session, signOut } from './session'
import { Shell } from './shell/shell'
import { SignIn } from './shell/signin'
import { Door } from './shell/door'
import { Empty } from './ui/empty'
import { Page } from './ui/page'
import { Toasts } from './ui/toast'
import { Boundary, Trouble } from './ui/trouble'

function NotFound() {
  return (
    <Page title={t().shell.notFound}>
      <Empty title={t().shell.notFoundHint}><a class="button" href="/console/">{t().shell.toUsers}</a></Empty>
    </Page>
  )
}

function Pages() {
  const [path] = useLocation()
  return (
    <Boundary key={path}>
      <Switch>
        <Route path="/" component={UsersPage} />
        <Route path="/users/:id">{({ id }) => <UserPage key={id} id={Number(id)} />}</Route>
        <Route path="/stats" component={StatsPage} />
        <Route path="/audit" component={AuditPage} />
        <Route path="/system" component={SystemPage} />
        <Route component={NotFound} />
      </Switch>
    </Boundary>
  )
}

function Stranger() {
  return (
    <Door title={t().signin.stranger}>
      <p>{t().signin.strangerHint}</p>
      <button type="button" class="primary" onClick={() => void signOut()}>{t().signin.other}</button>
    </Door>
  )
}

/** What whoever is here may see. */
function Console() {
  useEffect(() => void refresh(), [])
  const now = session.value
  switch (now.state) {
    case 'asking': return null
    case 'out': return <SignIn why={now.why} />
    case 'stranger': return <Stranger />
    case 'unknown': return <Door title={t().signin.unknown}><Trouble problem={now.problem} retry={() => void refresh()} /></Door>
    case 'in': return <Shell><Pages /></Shell>
  }
}

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Router base="/console">
        <Switch>
          <Route path="/setup" component={SetupPage} />
          <Route><Console /></Route>
        </Switch>
      </Router>
      <Toasts />
    </QueryClientProvider>
  )
}
