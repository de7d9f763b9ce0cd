import { effect } from '@preact/signals'
import { render } from 'preact'
import '../kit/kit.css'
import './css/base.css'
import './css/controls.css'
import './css/shell.css'
import './css/table.css'
import { App } from './app'
import { language } from './i18n'

effect(() => {
  document.documentElement.lang = language.value
})

const place = document.getElementById('app')
if (place) {
  place.replaceChildren()
  render(<App />, place)
}
