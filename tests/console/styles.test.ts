import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const SOURCE = new URL('../../server/console/src/', import.meta.url).pathname
const MANTINE = new URL('../../node_modules/@mantine/core/', import.meta.url).pathname

const hasStyles = (name: string): boolean => existsSync(join(MANTINE, `styles/${name}.layer.css`))

/** Mantine components a component is made of, itself included. */
function partsOf(name: string, seen = new Set<string>()): Set<string> {
  const folder = join(MANTINE, 'esm/components', name)
  if (seen.has(name) || !existsSync(folder)) return seen
  seen.add(name)
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.mjs')) continue
    const code = readFileSync(join(folder, file), 'utf8')
    for (const match of code.matchAll(/from\s*"(?:\.\.\/)+([A-Z]\w+)\/\1\.mjs"/g)) partsOf(match[1] as string, seen)
  }
  return seen
}

it('imports the styles of every Mantine component that is used', () => {
  const shell = readFileSync(join(SOURCE, 'app/styles.ts'), 'utf8')
  const missing: string[] = []
  for (const file of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.tsx'),
  )) {
    const code = readFileSync(join(SOURCE, file), 'utf8')
    const names = /import \{([^}]*)\} from '@mantine\/core'/.exec(code)?.[1]?.match(/\b[A-Z]\w+/g) ?? []
    for (const part of names.flatMap((name) => [...partsOf(name)]).filter(hasStyles)) {
      const line = `@mantine/core/styles/${part}.layer.css`
      if (!shell.includes(line) && !code.includes(line)) missing.push(`${file} needs ${line}`)
    }
  }
  expect([...new Set(missing)]).toEqual([])
})
