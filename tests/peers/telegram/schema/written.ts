import type { BotApi } from './shape.ts'

/** A line for each method, object and limit: what changes with newer types is read in the difference. */
export function written(api: BotApi): string {
  const part = ([name, entries]: [string, object]): string => {
    const lines = Object.entries(entries).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    return `${JSON.stringify(name)}:{\n${lines.join(',\n')}\n}`
  }
  return `{\n${Object.entries(api).map(part).join(',\n')}\n}\n`
}
