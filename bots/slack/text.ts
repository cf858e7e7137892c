const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }

/** Slack's three special characters, so that nothing in the text can be a mention or a link. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/**
 * What a person wrote, as they wrote it: mentions of the bot cut off, Slack's references back to words, entities undone.
 * `<@U1|ann>` → `@ann`, `<#C1|news>` → `#news`, `<!here>` → `@here`, `<https://x.org|x.org>` → `x.org`.
 */
export function plainFromSlack(text: string, botUserId: string): string {
  const spoken = text.replace(/[ \t]*<([^<>\n]{1,4000})>[ \t]*/g, (whole, reference: string) => {
    const isBot = reference === `@${botUserId}` || reference.startsWith(`@${botUserId}|`)
    // The blanks around the mention go with it, but two words it stood between stay two.
    return isBot ? ' ' : whole.replace(/<[^<>]*>/, () => wordsOf(reference))
  })
  return spoken.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity).trim()
}

function wordsOf(reference: string): string {
  const bar = reference.indexOf('|')
  const target = bar < 0 ? reference : reference.slice(0, bar)
  const label = bar < 0 ? '' : reference.slice(bar + 1)
  switch (target[0]) {
    case '@':
      return withSign('@', label || target.slice(1))
    case '#':
      return withSign('#', label || target.slice(1))
    case '!':
      return specialWords(target.slice(1), label)
    default:
      return linkWords(target, label)
  }
}

const withSign = (sign: string, name: string): string => (name.startsWith(sign) ? name : sign + name)

function specialWords(target: string, label: string): string {
  if (target.startsWith('date^')) return label
  return withSign('@', label || target.split('^')[0] || target)
}

/** Slack makes links of what looks like one (`x.org`, `a@b.org`); what was typed is the label then. */
function linkWords(target: string, label: string): string {
  if (!label || label === target) return target
  const bare = target.replace(/^(?:mailto:|tel:|https?:\/\/)/, '')
  return label === bare || label === bare.replace(/\/$/, '') ? label : `${label} (${target})`
}
