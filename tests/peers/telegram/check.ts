import type { Call } from './call.ts'
import { notPlayed, table } from './table.ts'

/** Notes what the table does not allow. Telegram passes over most of it, so nothing is refused here. */
export function checkAgainstTable(call: Call): void {
  const spec = table[call.method] ?? {}
  for (const name of call.args.names()) {
    const kind = spec[name]?.replace('!', '')
    if (kind === undefined) call.violate(`unknown parameter "${name}"`)
    else if (notPlayed.has(name)) call.violate(`parameter "${name}" is real but not played here`)
    else if (!fits(kind, call.args.text(name))) {
      call.violate(`parameter "${name}" should be of type ${kind}, but is ${call.args.text(name).slice(0, 60)}`)
    }
  }
  for (const [name, kind] of Object.entries(spec)) {
    if (!kind.endsWith('!') || call.files.has(name) || call.args.names().includes(name)) continue
    call.violate(`required parameter "${name}" is missing`)
  }
}

function fits(kind: string, value: string): boolean {
  switch (kind) {
    case 'int':
      return /^-?\d+$/.test(value)
    case 'bool':
      return value === 'true' || value === 'false'
    case 'chat':
      return /^(-?\d+|@\w+)$/.test(value)
    case 'json':
      return /^\s*[[{]/.test(value)
    default:
      return true
  }
}
