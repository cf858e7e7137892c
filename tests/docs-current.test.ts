import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { settingsSchema } from '#server/settings.ts'
import { blocksIn } from './docs/blocks.ts'
import { GENERATED, generatedFiles } from './docs/generated.ts'
import { ROOT, startProgram } from './docs/program.ts'
import { typed } from './docs/terminal.ts'

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

const markdownIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map(({ name }) => join(folder, name))
const DOCUMENTS = ['', 'docs', 'docs/decisions'].flatMap(markdownIn)

describe('what is made from the program is current; else run: node tests/docs/record.ts', () => {
  it.each(GENERATED)('$name in $file', ({ file, name, make }) => {
    const block = blocksIn(read(file), 'generated').find((one) => one.name === name)
    expect(block?.content.trim()).toBe(make())
  })

  it.each(generatedFiles)('$file', ({ file, make }) => {
    expect(read(file)).toBe(make())
  })

  it('.env.example, from which the table is made, has every setting', () => {
    for (const name of Object.keys(settingsSchema.shape)) expect(read('README.md')).toContain(`| \`${name}\` |`)
  })
})

describe('links', () => {
  it.each(DOCUMENTS)('of %s lead somewhere', (file) => {
    const broken = [...read(file).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target) && !leadsSomewhere(file, target))
    expect(broken).toEqual([])
  })

  it('README leads to every document', () => {
    const linked = read('README.md')
    for (const name of readdirSync(join(ROOT, 'docs'))) expect(linked).toContain(`docs/${name}`)
  })
})

function leadsSomewhere(file: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const found = path === '' ? file : join(dirname(file), path)
  if (!existsSync(join(ROOT, found))) return false
  if (anchor === undefined) return true
  const headings = [...read(found).matchAll(/^#+ (.+)$/gm)].map(([, words = '']) =>
    words
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  return headings.includes(anchor)
}

describe('jobs that stand in documents', () => {
  it('can be published as they are', { timeout: 60_000 }, async () => {
    const jobs = DOCUMENTS.flatMap((file) =>
      [...read(file).matchAll(/^```yaml\n(jobId:[\s\S]*?)^```$/gm)].map(([, job]) => job),
    )
    expect(jobs.length).toBeGreaterThan(1)
    const program = await startProgram()
    try {
      await typed('npm run -s muster -- account create ana --admin', program.environment)
      for (const job of jobs) {
        const line = 'npm run -s muster -- job publish - <<< "$JOB"'
        expect(await typed(line, { ...program.environment, JOB: job ?? '' })).toMatch(/is published in version 1/)
      }
    } finally {
      await program.stop()
    }
  })
})

describe('decisions', () => {
  it('each has its three parts', () => {
    const pages = markdownIn('docs/decisions')
    expect(pages.length).toBeGreaterThanOrEqual(9)
    for (const page of pages) {
      const parts = [...read(page).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
      expect([page, ...parts.slice(0, 3)]).toEqual([page, 'Context', 'Decision', 'Consequences'])
    }
  })

  it('the page about dependencies has each of them', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'))
    const named = [...read('docs/decisions/009-dependencies.md').matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name)
    expect(new Set(named)).toEqual(new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]))
  })
})
