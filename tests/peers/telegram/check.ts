import type { Call } from './call.ts'
import { type ApiFail, refuse } from './errors.ts'
import type { Shape } from './schema/shape.ts'
import { notPlayed, types } from './table.ts'

/**
 * Holds a call against Telegram's own types: every parameter, and every field of what is in it. All that is wrong is noted.
 * A parameter that does not exist, or one of another type, is refused too. Telegram passes over most of it, which is why
 * nobody would learn of it there; `passesOver` does as Telegram does.
 */
export function checkAgainstTypes(call: Call, { passesOver }: { passesOver: boolean }): ApiFail | undefined {
  const parameters = types.parametersOf(call.method) ?? {}
  let refused: ApiFail | undefined
  for (const name of call.args.names()) {
    const shape = parameters[name] ?? parameters[`${name}?`]
    const [first, ...others] = shape === undefined ? [`unknown parameter "${name}"`] : problemsOf(call, name, shape)
    if (first === undefined) continue
    for (const problem of [first, ...others]) call.violate(problem)
    const isPlain = shape === undefined || typeof valueGiven(call, name, shape) !== 'object'
    if (isPlain && !passesOver) refused ??= refuse(first)
  }
  for (const name of Object.keys(parameters)) {
    if (name.endsWith('?') || call.files.has(name) || call.args.names().includes(name)) continue
    call.violate(`required parameter "${name}" is missing`)
  }
  return refused
}

function problemsOf(call: Call, name: string, shape: Shape): string[] {
  if (notPlayed.has(name)) return [`parameter "${name}" is real but not played here`]
  const value = valueGiven(call, name, shape)
  const at = `parameter "${name}"`
  if (isUpload(shape) && typeof value === 'string') return []
  const isFormatted = call.args.text('parse_mode') !== ''
  return [
    ...types.problemsOf(value, shape, at),
    // Of formatted text it is what is left of it that counts.
    ...(isFormatted ? [] : types.beyondLimit(value, call.method, name, at)),
  ]
}

/** As it came in a JSON body; in a form all is text, and what it stands for is seen by what belongs there. */
function valueGiven(call: Call, name: string, shape: Shape): unknown {
  const given = call.args.given(name)
  const isText = shape === 'string' || (typeof shape === 'object' && 'is' in shape)
  if (typeof given !== 'string' || isText) return given
  if (mayBe(shape, 'string') && !/^-?\d+$/.test(given)) return given
  try {
    return JSON.parse(given) as unknown
  } catch {
    return given
  }
}

const mayBe = (shape: Shape, kind: Shape): boolean =>
  shape === kind || (typeof shape === 'object' && 'oneOf' in shape && shape.oneOf.includes(kind))

const isUpload = (shape: Shape): boolean => mayBe(shape, 'file')
