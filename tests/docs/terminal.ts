import { spawn } from 'node:child_process'
import { ROOT } from './program.ts'

const TIMEOUT_MS = 60_000

/**
 * Runs one command line as typed in the README's folder and gives what it wrote to standard output. What goes to standard
 * error, progress for the most part, is left out of transcripts: when it comes differs each time.
 */
export function typed(line: string, environment: Record<string, string>): Promise<string> {
  const child = spawn('bash', ['-c', line], { cwd: ROOT, env: environment, timeout: TIMEOUT_MS })
  let output = ''
  let complaints = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(output.trimEnd())
      else reject(new Error(`${line}\nended with ${code}: ${output}${complaints}`))
    })
  })
}

/** A whole session: each line that is typed, with `$` before it, and what it answers. */
export async function session(lines: readonly string[], environment: Record<string, string>): Promise<string> {
  const parts: string[] = []
  for (const line of lines) parts.push([`$ ${line}`, await typed(line, environment)].filter(Boolean).join('\n'))
  return parts.join('\n\n')
}
