import { block, escaped } from './html-text.ts'

const CODE =
  'font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:#f2f4f7;color:#101828;padding:1px 4px;border-radius:4px'
const GAP = 'margin:0 0 12px'

/**
 * What a tool or a model wrote, as far as a mail can show it: headings, lists, quotes, code and what is bold. Everything else in it
 * stays text: links are read and not pressed, pictures and HTML are words.
 */
export function markdownHtml(text: string): string {
  const html: string[] = []
  let paragraph: string[] = []
  const end = (): void => {
    if (paragraph.length > 0)
      html.push(`<div style="${GAP};overflow-wrap:anywhere" dir="auto">${paragraph.join('<br>')}</div>`)
    paragraph = []
  }
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const [, fence] = /^\s*(`{3,}|~{3,})/.exec(line) ?? []
    const [, marks, title] = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line) ?? []
    const [, indent = '', bullet, item] = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/.exec(line) ?? []
    if (fence !== undefined || line.startsWith('|')) {
      end()
      const last = fence === undefined ? endOfTable(lines, at) : endOfFence(lines, at, fence)
      html.push(block(lines.slice(fence === undefined ? at : at + 1, fence === undefined ? last + 1 : last).join('\n')))
      at = last
    } else if (marks !== undefined) {
      end()
      const size = marks.length === 1 ? 20 : marks.length === 2 ? 17 : 16
      html.push(
        `<div style="font-size:${size}px;font-weight:600;margin:16px 0 8px" dir="auto">${inline(title ?? '')}</div>`,
      )
    } else if (bullet !== undefined) {
      end()
      const left = 20 + Math.min(indent.length, 12) * 8
      const mark = /\d/.test(bullet) ? escaped(bullet) : '•'
      html.push(
        `<div style="margin:0 0 4px;padding-left:${left}px;text-indent:-16px" dir="auto">${mark} ${inline(item ?? '')}</div>`,
      )
    } else if (/^\s*>/.test(line)) {
      end()
      html.push(
        `<div style="border-left:3px solid #d0d5dd;padding-left:12px;${GAP}" dir="auto">${inline(line.replace(/^\s*>\s?/, ''))}</div>`,
      )
    } else if (line.trim() === '') end()
    else paragraph.push(inline(line))
  }
  end()
  return `<div style="margin:0 0 16px">${html.join('')}</div>`
}

function endOfFence(lines: readonly string[], from: number, fence: string): number {
  const last = lines.findIndex((line, at) => at > from && line.trim().startsWith(fence))
  return last < 0 ? lines.length : last
}

function endOfTable(lines: readonly string[], from: number): number {
  const next = lines.findIndex((line, at) => at > from && !line.startsWith('|'))
  return (next < 0 ? lines.length : next) - 1
}

/** Code between backticks is as it stands; elsewhere a backslash only says that the next sign is itself. */
const inline = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map((piece) =>
      piece.length > 2 && piece.startsWith('`') && piece.endsWith('`')
        ? `<code style="${CODE}">${escaped(piece.slice(1, -1))}</code>`
        : escaped(piece.replaceAll(/\\([!-/:-@[-`{-~])/g, '$1')).replaceAll(/\*\*([^*]+)\*\*/g, '<b>$1</b>'),
    )
    .join('')
