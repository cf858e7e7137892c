/** `npm run check`: everything that must hold before a change goes in, one step after the other, all of them each time. */
import { spawnSync } from 'node:child_process'

/** In the order in which they are quick to fail. Each is a script of package.json. */
const STEPS: readonly { name: string; script: string; what: string }[] = [
  { name: 'types', script: 'types', what: 'TypeScript, server and console' },
  { name: 'lint', script: 'lint', what: 'Biome: style, mistakes, who may import whom' },
  { name: 'unused', script: 'unused', what: 'knip: files, exports and dependencies nobody uses' },
  { name: 'secrets', script: 'secrets', what: 'secretlint: keys and tokens' },
  { name: 'console', script: 'console:build', what: 'the console can be built, and is' },
  { name: 'tests', script: 'test', what: 'vitest, generated files and documents among them' },
]

interface Outcome {
  name: string
  isGood: boolean
  seconds: number
}

function run({ name, script, what }: (typeof STEPS)[number]): Outcome {
  console.log(`\n── ${name}: ${what}`)
  const beganMs = performance.now()
  const { status, error } = spawnSync('npm', ['run', '--silent', script], { stdio: 'inherit' })
  if (error) console.error(error.message)
  return { name, isGood: status === 0, seconds: (performance.now() - beganMs) / 1000 }
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(`There is no step ${unknown.join(', ')}; there are ${STEPS.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}

const outcomes = STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).map(run)
console.log('\n── summary')
for (const { name, isGood, seconds } of outcomes) {
  console.log(`${isGood ? 'ok  ' : 'FAIL'}  ${name.padEnd(8)} ${seconds.toFixed(1).padStart(7)} s`)
}
const bad = outcomes.filter(({ isGood }) => !isGood).map(({ name }) => name)
console.log(bad.length === 0 ? 'Everything holds.' : `Does not hold: ${bad.join(', ')}.`)
process.exit(bad.length === 0 ? 0 : 1)
