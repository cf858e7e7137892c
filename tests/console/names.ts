import type { Page } from 'playwright-core'

/** Controls and groups on the page that have no name, or are described by what is not there. */
export const unnamedControls = (page: Page): Promise<string[]> => page.evaluate(`(${look})()`)

const look = `() => {
  const controls = 'button, a[href], input:not([type="hidden"]):not([hidden]), textarea, select, [role="radiogroup"]'
  const words = (ids) => (ids ?? '').split(' ').filter(Boolean).map((id) => document.getElementById(id)?.textContent ?? '')
  const nameOf = (element) =>
    [
      element.getAttribute('aria-label'),
      ...words(element.getAttribute('aria-labelledby')),
      ...[...(element.labels ?? [])].map((label) => label.textContent),
      element.matches('button, a') ? element.textContent : '',
    ].join('').trim()
  return [...document.querySelectorAll(controls)]
    .filter((element) => element.checkVisibility() && !element.closest('[aria-hidden="true"]'))
    .flatMap((element) => {
      const said = element.outerHTML.slice(0, 120)
      const isLost = ['aria-labelledby', 'aria-describedby'].some((name) =>
        (element.getAttribute(name) ?? '').split(' ').filter(Boolean).some((id) => !document.getElementById(id)))
      return [...(nameOf(element) ? [] : ['no name: ' + said]), ...(isLost ? ['described by nothing: ' + said] : [])]
    })
}`
