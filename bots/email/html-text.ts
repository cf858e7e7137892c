const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as text, whatever stands in it. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)

export const BOX = 'border:1px solid #d0d5dd;border-radius:6px;padding:12px 14px;margin:0 0 16px'
export const MONO =
  'font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere'

/** Text that keeps its lines, in a box. */
export const block = (text: string): string =>
  `<div style="${BOX};background:#f9fafb;color:#101828;${MONO}" dir="auto">${escaped(text)}</div>`
