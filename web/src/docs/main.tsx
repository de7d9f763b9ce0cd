import '../kit/kit.css'
import './docs.css'
import { render } from 'preact'
import { App } from './app'
import { load } from './state'

const root = document.getElementById('app')
if (root) {
  root.replaceChildren()
  render(<App />, root)
  void load()
}
