import type { JsonSchema } from './schema.ts'

/** What is wrong with a text by `minLength`, `maxLength` and `format`, as sentences. */
export function textRules({ minLength, maxLength, format }: JsonSchema, text: string): string[] {
  const rules: string[] = []
  // Code points, as JSON Schema counts; the spread is spared where UTF-16 units already decide.
  const length = minLength === undefined && maxLength === undefined ? 0 : [...text].length
  if (minLength !== undefined && length < minLength) {
    rules.push(
      length === 0 ? 'must not be empty' : `must have at least ${plural(minLength, 'character')}, not ${length}`,
    )
  }
  if (maxLength !== undefined && length > maxLength) {
    rules.push(`must have at most ${plural(maxLength, 'character')}, not ${length}`)
  }
  const breaksFormat = format === undefined ? undefined : FORMAT_RULES[format]?.(text)
  if (breaksFormat) rules.push(breaksFormat)
  return rules
}

const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])/

const FORMAT_RULES: Record<string, (text: string) => string | undefined> = {
  email: (text) =>
    /^[^\s@]{1,64}@[^\s@.][^\s@]{0,252}$/.test(text) ? undefined : 'must be an e-mail address, like ada@example.com',
  uri: (text) => (URL.canParse(text) ? undefined : 'must be a full address, like https://example.com/page'),
  date: (text) => (DATE.test(text) && isDay(text) ? undefined : 'must be a date, like 2027-03-31'),
  'date-time': (text) =>
    DATE.test(text) && /^[T ]\d/i.test(text.slice(10)) && isDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(text))
      ? undefined
      : 'must be a date and time, like 2027-03-31T09:00:00Z',
}

/** True for days that exist: `Date` would turn 31 April into 1 May. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/** What is wrong with a number by `minimum` and `maximum`. */
export function numberRules({ minimum, maximum }: JsonSchema, value: number): string[] {
  const rules: string[] = []
  if (minimum !== undefined && value < minimum) rules.push(`must be at least ${minimum}, not ${value}`)
  if (maximum !== undefined && value > maximum) rules.push(`must be at most ${maximum}, not ${value}`)
  return rules
}

/** What is wrong with the length of a list. */
export function listRules({ minItems, maxItems }: JsonSchema, list: unknown[]): string[] {
  const rules: string[] = []
  if (minItems !== undefined && list.length < minItems) {
    rules.push(
      list.length === 0 ? 'must not be empty' : `must have at least ${plural(minItems, 'item')}, not ${list.length}`,
    )
  }
  if (maxItems !== undefined && list.length > maxItems) {
    rules.push(`must have at most ${plural(maxItems, 'item')}, not ${list.length}`)
  }
  return rules
}

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
