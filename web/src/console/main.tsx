import '../kit/kit.css'
import { render } from 'preact'
import { ThemeButton } from '../kit/theme'

function Shell() {
  return (
    <>
      <header>
        <a class="brand" href="/console/">rollcall <span>console</span></a>
        <ThemeButton />
      </header>
      <main id="main" tabIndex={-1}>
        <h1>Console</h1>
        <p>What staff can do is in <a href="/docs/">the API's page</a>, to read and to try.</p>
      </main>
    </>
  )
}

const root = document.getElementById('app')
if (root) {
  root.replaceChildren()
  render(<Shell />, root)
}
