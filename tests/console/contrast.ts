import type { Page } from 'playwright-core'

/**
 * Texts on the page whose contrast with what lies behind them is below WCAG AA (4.5:1), as `ratio text`.
 * Reads computed colours and blends translucent backgrounds; disabled controls are exempt, as in WCAG.
 */
export const contrastProblems = (page: Page): Promise<string[]> => page.evaluate(`(${measure})()`)

const measure = `() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const over = (top, under) => [0, 1, 2].map((i) => (top[i] * top[3] + under[i] * (255 - top[3])) / 255)
  const behind = (element) => {
    const layers = []
    for (let at = element; at; at = at.parentElement) layers.unshift(rgba(getComputedStyle(at).backgroundColor))
    return layers.reduce((under, layer) => over(layer, under), [255, 255, 255])
  }
  const luminance = (color) => {
    const [r, g, b] = color.map((part) => {
      const share = part / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const problems = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim()
    const element = walker.currentNode.parentElement
    if (!text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    if (element.closest('[disabled], [data-disabled], script, style, noscript')) continue
    const under = behind(element)
    const shown = over(rgba(getComputedStyle(element).color), under)
    const [high, low] = [luminance(shown), luminance(under)].sort((a, b) => b - a)
    const ratio = (high + 0.05) / (low + 0.05)
    if (ratio < 4.5) problems.push(ratio.toFixed(2) + ' ' + text.slice(0, 40))
  }
  return problems
}`
